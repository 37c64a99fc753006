import "./style/page.css";
import { startPage } from "./app.js";

startPage(document.body);
