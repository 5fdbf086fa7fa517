// The desk's script. What only one room needs is loaded there.

import "./shell/keys.js";

const room = document.querySelector("[data-room]");
if (room) import("./editor/room.js").then(({ openRoom }) => openRoom(room));
