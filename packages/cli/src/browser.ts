/**
 * The library in a browser: `import … from "fieldzip/browser"`, or `from "fieldzip"` where a bundler
 * knows the condition `browser`. Archives are read over HTTP (`openArchive(url)`) and written into a
 * store (`compress(dataset, createArchiveIn(store))`); files of other formats are read on Node.
 */
export {
  type Attribute,
  type Attributes,
  type CompressOptions,
  type CompressReport,
  compress,
  compressChunk,
  Dataset,
  type DatasetSource,
  type DataType,
  type Dimension,
  decompressChunk,
  describeStream,
  FieldzipError,
  type Guarantee,
  isFieldzipError,
  type PredictorName,
  type Progress,
  runTask,
  type Selection,
  type Slab,
  subset,
  type Variable,
  type VariableSource,
  type WorkerPool,
} from "@fieldzip/core";
export {
  createArchiveIn,
  memoryStore,
  type OpenArchiveOptions,
  openArchive,
  openArchiveIn,
  type ReadableStore,
  type WritableStore,
} from "@fieldzip/io/browser";
