// What the TypeScript library says to every status, as JSON: [status, detail, tag, message without the place].
import { errorOfStatus } from "../../core/dist/stream/status.js";

const words = [];
for (let status = 1; status < 64; status++) {
  for (const detail of [0, 1, 9, 77]) {
    const { tag, details } = errorOfStatus(status, detail, "stream");
    words.push([status, detail, tag, details.expected, details.found]);
  }
}
console.log(JSON.stringify(words));
