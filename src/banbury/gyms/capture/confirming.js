/** Confirming views; a stand-in until it is written. */
export class Confirming {
  constructor(host) { this.host = host; }
  show() {}
  key() { return false; }
  command() {}
  told() {}
  refused() {}
  close() {}
}
