// A frame with a captured page never keeps the focus, so that the key which hides everything reaches the desk
// whatever was pressed in it. Its wrapper has the focus instead: keys scroll it, and the frame can be made taller.
const MOST = 40;

export function framed(wrapper: HTMLElement): void {
  const frame = wrapper.querySelector("iframe");
  const help = document.querySelector<HTMLElement>("[data-taller]");
  const taller = help?.querySelector("button");
  if (!frame || !help || !taller) return;
  const back = () => {
    if (document.activeElement === frame) wrapper.focus({ preventScroll: true });
  };
  window.addEventListener("blur", () => setTimeout(back));
  frame.addEventListener("focus", back);
  back();
  let times = 1;
  help.hidden = false;
  taller.addEventListener("click", () => {
    times = Math.min(times * 2, MOST);
    frame.style.setProperty("block-size", `${times * 100}%`);
    taller.disabled = times === MOST;
    wrapper.focus({ preventScroll: true });
  });
}
