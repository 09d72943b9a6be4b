// Added to the viewer page. noVNC connects again when a connection ends, but gives up for good when an attempt fails: when the
// desktop is still starting, or the network is away for longer than a few seconds. Then this presses its button.
// After a failure noVNC shows an error; when the user disconnects it shows none, and nothing happens here.
"use strict";

const PAUSE = 3000;
const BUSY = ["noVNC_connecting", "noVNC_connected", "noVNC_disconnecting", "noVNC_reconnecting"];

setInterval(() => {
    const state = document.documentElement.classList;
    const failed = document.getElementById("noVNC_status").classList.contains("noVNC_status_error");
    if (failed && !BUSY.some((name) => state.contains(name))) {
        document.getElementById("noVNC_connect_button").click();
    }
}, PAUSE);
