// What the page's script adds. Every page works without it.
import "htmx.org";
import { startAnswers } from "./answers";
import { startForms } from "./forms";
import { startLists } from "./lists";
import { startGuess } from "./guess";
import { startLab } from "./lab";
import { startPad } from "./pad-page";
import { startUpload } from "./upload";

document.documentElement.classList.add("js");

function start(): void {
  startForms();
  startAnswers();
  startLab();
  startLists();
  const form = document.querySelector<HTMLFormElement>("#recognise");
  if (!form) return;
  const pad = startPad(form);
  startUpload(form, pad);
  if (pad) startGuess(form, pad);
}

if (document.readyState === "loading") document.addEventListener("DOMContentLoaded", start);
else start();
