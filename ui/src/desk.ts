// Everything that the pages of the desk do by script. Each works without it too, by links and forms.
import { arranging } from "./arranging";
import { compare } from "./compare";
import { curtain } from "./curtain";
import { dropping } from "./dropping";
import { editing } from "./editing";
import { framed } from "./frames";
import { gallery } from "./gallery";
import { keys } from "./keys";
import { live } from "./live";
import { linked } from "./map";
import { passkey } from "./passkeys";
import { playing, strips } from "./playing";
import { quoting } from "./quoting";
import { viewing } from "./viewing";
import { wellbeing } from "./wellbeing";

curtain();
keys();
for (const list of document.querySelectorAll<HTMLElement>("[data-gallery]")) gallery(list);
for (const form of document.querySelectorAll<HTMLFormElement>("[data-drop]")) dropping(form);
for (const form of document.querySelectorAll<HTMLFormElement>("[data-editing]")) editing(form);
for (const table of document.querySelectorAll<HTMLTableElement>("[data-arranging]")) arranging(table);
for (const wrapper of document.querySelectorAll<HTMLElement>("[data-framed]")) framed(wrapper);
for (const form of document.querySelectorAll<HTMLFormElement>("[data-quoting]")) quoting(form);
for (const figure of document.querySelectorAll<HTMLElement>("[data-viewing]")) viewing(figure);
for (const section of document.querySelectorAll<HTMLElement>("[data-compare]")) compare(section);
for (const section of document.querySelectorAll<HTMLElement>("[data-linked]")) linked(section);

for (const form of document.querySelectorAll<HTMLFormElement>("[data-passkey]")) passkey(form);
for (const strip of document.querySelectorAll<HTMLElement>("[data-strip]")) strips(strip);
for (const bench of document.querySelectorAll<HTMLElement>("[data-play]")) playing(bench);

// What is heavy is asked for only where it is needed.
for (const bench of document.querySelectorAll<HTMLElement>("[data-close]")) {
  void import("./close").then(({ close }) => close(bench));
}
for (const main of document.querySelectorAll<HTMLElement>("main[data-since]")) live(main);
for (const section of document.querySelectorAll<HTMLElement>("[data-wellbeing]")) wellbeing(section);
