// What pages can do beyond reading: each in a module of its own, none needed.
import "./scheme.js";
import "./copy.js";
import "./offline.js";
import "./keep.js";
import "./video.js";
