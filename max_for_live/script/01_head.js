// MsaniiLive.js: what the Msanii device does inside Live. Joined from max_for_live/script/*.js; edit those.
// ES5 for Max's classic [js]. One inlet, one outlet: what leaves is split by [route] in the patch.
"use strict";

inlets = 1;
outlets = 1;
autowatch = 0;

// What stops a button, as a sentence for the musician. Any other error is a mistake of this script, whose words
// would help nobody.
var Trouble = (function () {
  var UNEXPECTED = "The device met something that it did not expect, and stopped: try again, or take another clip.";

  function Sentence(text) {
    this.text = text;
  }

  function saying(text) {
    return new Sentence(text);
  }

  function words(problem) {
    return problem instanceof Sentence ? problem.text : UNEXPECTED;
  }

  return {saying: saying, words: words};
})();
