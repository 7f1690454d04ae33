// What a page can do without: times in the reader's own zone, no questions while nobody looks, a word when none is answered.
(() => {
  "use strict";
  const skew = Date.now() - Number(document.documentElement.dataset.now) * 1000;
  const form = { day: "numeric", month: "short", year: "numeric", hour: "2-digit", minute: "2-digit", hourCycle: "h23", timeZoneName: "short" };
  const formats = ["en-GB", "en-IN", "en-US"].map((where) => new Intl.DateTimeFormat(where, form));
  // "IST" is said in India alone, "EST" in America: else "GMT+5:30".
  const named = formats.find((one) => part(one, new Date(), "timeZoneName").search(/^(GMT|UTC)[+-]/) < 0) || formats[0];
  const MINUTE = 60e3, HOUR = 60 * MINUTE, DAY = 24 * HOUR;

  function part(format, at, name) {
    return format.formatToParts(at).find((one) => one.type === name).value;
  }

  function words(at) {
    const [day, month, year, hour, minute, zone] = ["day", "month", "year", "hour", "minute", "timeZoneName"].map((name) => part(named, at, name));
    return `${day} ${month} ${year} ${hour}:${minute} ${zone}`;
  }

  function span(length) {
    if (length < 2 * HOUR) return `${Math.max(1, Math.round(length / MINUTE))} min`;
    return length < 48 * HOUR ? `${Math.round(length / HOUR)} h` : `${Math.round(length / DAY)} days`;
  }

  function ago(at) {
    const length = Date.now() - skew - at;
    if (Math.abs(length) < MINUTE) return "just now";
    return length > 0 ? `${span(length)} ago` : `in ${span(-length)}`;
  }

  function put(time) {
    const at = Date.parse(time.dateTime);
    if (Number.isNaN(at)) return;
    const told = time.classList.contains("ago") ? ago(at) : words(at);
    if (time.textContent !== told) time.textContent = told;
  }

  const all = (inside) => inside.querySelectorAll("time[datetime*=T]").forEach(put);
  all(document);
  setInterval(() => all(document), 30e3);
  document.addEventListener("htmx:load", (event) => all(event.target));
  const lost = document.getElementById("lost");
  let since = 0;
  const tell = (told) => { lost.textContent = told; lost.hidden = !told; };
  const unanswered = () => {
    since = since || Date.now();
    tell(`No answer from the desk since ${words(since)}: what stands here is as it was. It is asked again by itself.`);
  };
  document.addEventListener("htmx:sendError", unanswered);
  document.addEventListener("htmx:timeout", unanswered);
  document.addEventListener("htmx:responseError", () => tell("The desk says that something is wrong: load the page again to read what."));
  document.addEventListener("htmx:afterRequest", (event) => { if (event.detail.successful) { since = 0; tell(""); } });
  document.addEventListener("htmx:beforeRequest", (event) => {
    if (document.hidden && event.detail.requestConfig.triggeringEvent === undefined) event.preventDefault();
  });

  // Where somebody waits for an answer that does not come, that is said.
  const failed = (event) => {
    const words = event.detail.target && event.detail.target.dataset.failed;
    if (words) event.detail.target.textContent = words;
  };
  ["htmx:sendError", "htmx:responseError", "htmx:timeout"].forEach((name) => document.addEventListener(name, failed));
})();
