// The scripts of every page. They make pages quicker; no page needs them to work.
import "./taps.js";
import "./live-home.js";
import "./outbox.js";
import "./intents.js";
import "./page-cache.js";
import "./presence.js";
import "./unread.js";
import "./drafts.js";
import "./forms.js";
import "./list-rows.js";
import "./toasts.js";
import "./menus.js";
import "./fields.js";
import "./stay-awake.js";
import "./push-device.js";
import "./import-file.js";
