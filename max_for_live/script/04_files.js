// --- files ---------------------------------------------------------------------------------------------

var Files = (function () {
  // File.readstring and writestring stop at 32767 characters.
  var CHUNK = 30000;
  var LARGEST = 4000000;

  // Dialogs and drops on macOS say "Macintosh HD:/Users/..."; Live and the bridge say "/Users/...".
  function plain(path) {
    return String(path).replace(/^[^\/\\:]{2,}:(?=\/)/, "");
  }

  // Whether the path says where a file is, from its disk on.
  function isWhole(path) {
    return /^(\/|[A-Za-z]:[\/\\]|\\\\)/.test(path);
  }

  function forMax(path) {
    return plain(path).replace(/\\/g, "/");
  }

  // Older Max on macOS opens only paths that begin with the disk's name.
  function opened(path, access) {
    var tries = [forMax(path), "Macintosh HD:" + forMax(path)];
    for (var i = 0; i < tries.length; i++) {
      var file = new File(tries[i], access, "TEXT");
      if (file.isopen) {
        return file;
      }
      if (tries[i].charAt(0) !== "/") {
        break;
      }
    }
    return null;
  }

  function ascii(text) {
    return text.replace(/[\u007f-\uffff]/g, function (letter) {
      return "\\u" + ("000" + letter.charCodeAt(0).toString(16)).slice(-4);
    });
  }

  // Whether `value` now stands in the file as JSON.
  function writeJson(path, value) {
    var text = ascii(JSON.stringify(value));
    var file = opened(path, "write");
    if (!file) {
      return false;
    }
    file.position = 0;
    for (var at = 0; at < text.length; at += CHUNK) {
      file.writestring(text.substring(at, at + CHUNK));
    }
    file.eof = file.position;
    file.close();
    return true;
  }

  // What the file holds as JSON; null where there is none.
  function readJson(path) {
    var file = opened(path, "read");
    if (!file) {
      return null;
    }
    var text = "";
    while (file.position < file.eof && text.length < LARGEST) {
      var part = file.readstring(CHUNK);
      if (!part) {
        break;
      }
      text += part;
    }
    file.close();
    try {
      return JSON.parse(text);
    } catch (error) {
      return null;
    }
  }

  function baseName(path) {
    return String(path).split(/[\/\\]/).pop();
  }

  function folderOf(path) {
    return String(path).slice(0, String(path).length - baseName(path).length - 1);
  }

  function join(folder, name) {
    return folder + (folder.indexOf("\\") >= 0 && folder.indexOf("/") < 0 ? "\\" : "/") + name;
  }

  function withSuffix(path, suffix) {
    return String(path).replace(/\.[^.\/\\]*$/, "") + suffix;
  }

  // A folder or file as the address that a browser opens: "C:\\a b" -> "file:///C:/a%20b".
  function url(path) {
    var parts = forMax(path).split("/").map(encodeURIComponent).join("/");
    return "file://" + parts.replace(/^([A-Za-z])%3A/, "/$1:");
  }

  return {plain: plain, isWhole: isWhole, url: url, forMax: forMax, writeJson: writeJson, readJson: readJson,
    baseName: baseName, folderOf: folderOf, join: join, withSuffix: withSuffix};
})();
