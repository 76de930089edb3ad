// What every page has. Pages add their own modules in the block "head".
import "./csrf.js";
import "./sending.js";
import "./drafts.js";
import "./focus.js";
import "./keys.js";
import "./idle.js";
import "./marks.js";
import "./notices.js";
import "./critical.js";
import "./live.js";
import "./preview.js";
import "./reading/left.js";
