// Everything that the pages of the desk do by script. Each works without it too, by links and forms.
import { curtain } from "./curtain";
import { gallery } from "./gallery";
import { viewing } from "./viewing";

curtain();
for (const list of document.querySelectorAll<HTMLElement>("[data-gallery]")) gallery(list);
for (const figure of document.querySelectorAll<HTMLElement>("[data-viewing]")) viewing(figure);
