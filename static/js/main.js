// Everything here makes a page quicker; none of it is needed for a page to work.
import "./live-home.js";
import "./outbox.js";
import "./kept-page.js";
import "./here.js";
import "./unread.js";
import "./writing.js";
import "./forms.js";
import "./rows.js";
import "./small.js";
import "./stay-awake.js";
import "./push.js";
