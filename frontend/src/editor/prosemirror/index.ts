export class RichEditor {
  commands = {}
  constructor(_p: unknown, _h: unknown) {}
  load() {}
  apply() {}
  showPeers() {}
  setReadOnly() {}
  focus() {}
}
