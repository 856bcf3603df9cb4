// A page's script: each part works without the others.
import * as charts from "./charts.js";
import * as copying from "./copying.js";
import * as keys from "./keys.js";
import * as live from "./live.js";
import * as menus from "./menus.js";
import * as themes from "./themes.js";
import * as zones from "./zones.js";

for (const part of [themes, charts, live, copying, menus, keys, zones]) part.begin();
