// MsaniiLive.js: what the Msanii device does inside Live. Joined from max_for_live/script/*.js; edit those.
// ES5 for Max's classic [js]. One inlet, one outlet: what leaves is split by [route] in the patch.
"use strict";

inlets = 1;
outlets = 1;
autowatch = 0;
