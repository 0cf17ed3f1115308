export function Toolbar(_: { editor: unknown }) {
  return null
}
