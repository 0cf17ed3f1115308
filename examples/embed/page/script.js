const [minutes, notes] = document.querySelectorAll('quire-editor')
const status = document.querySelector('[data-status]')

// Called when a document opens, and before what was given expires. Only the server knows the secret that signs.
for (const editor of [minutes, notes]) {
  editor.getToken = async () => {
    const document = new URL(editor.getAttribute('src')).pathname.split('/').pop()
    const answer = await fetch(`/token?doc=${document}`)
    if (!answer.ok) throw new Error(`the wiki gives no token: ${answer.status}`)
    return await answer.text()
  }
}

const WORDS = { saved: 'Saved', saving: 'Saving…', offline: 'Offline', readonly: 'Read only' }

minutes.addEventListener('quire-status', ({ detail }) => {
  status.textContent = WORDS[detail.state] ?? 'Not available'
})
minutes.addEventListener('quire-error', ({ detail }) => {
  status.textContent = detail.message
})

const ACTIONS = {
  date: () => minutes.replaceSelection(new Date().toLocaleDateString('en-GB')),
  save: async () => {
    const { version } = await minutes.save()
    status.textContent = `Saved as version ${version}`
  },
  lock: (button) => {
    const locked = minutes.toggleAttribute('readonly')
    button.setAttribute('aria-pressed', String(locked))
  },
}

for (const button of document.querySelectorAll('[data-do]')) {
  button.addEventListener('click', () => ACTIONS[button.dataset.do](button))
}
