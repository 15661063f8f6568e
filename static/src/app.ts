// What the page's script adds. Every page works without it.
import "htmx.org";
import { startAnswers } from "./answers";
import { startFeedback } from "./feedback";
import { startForms } from "./forms";
import { startLists } from "./lists";
import { startGuess } from "./guess";
import { startLab } from "./lab";
import { startLive } from "./live";
import { startNav } from "./nav";
import { startInsert } from "./live-insert";
import { startPad } from "./pad-page";
import { startReview } from "./review";
import { startTry } from "./try";
import { startUpload } from "./upload";

document.documentElement.classList.add("js");

function start(): void {
  startNav();
  startForms();
  startAnswers();
  startInsert();
  startFeedback();
  startReview();
  startLive();
  startLab();
  startLists();
  startTry();
  const form = document.querySelector<HTMLFormElement>("#recognise");
  if (!form) return;
  const pad = startPad(form);
  startUpload(form, pad);
  if (pad) startGuess(form, pad);
}

if (document.readyState === "loading") document.addEventListener("DOMContentLoaded", start);
else start();
