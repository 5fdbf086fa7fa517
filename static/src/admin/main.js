// The desk's script. What only one room needs is loaded there.

import "./shell/checks.js";
import "./shell/copying.js";
import "./shell/focal.js";
import "./shell/folding.js";
import "./shell/keys.js";
import "./shell/live.js";
import "./shell/marking.js";
import "./shell/uploading.js";

if (document.querySelector("[data-slots]")) import("./shell/slots.js");

const room = document.querySelector("[data-room]");
if (room) import("./editor/room.js").then(({ openRoom }) => openRoom(room));
