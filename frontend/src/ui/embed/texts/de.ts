import { texts } from './en'

export default texts({
  'opening.failed': 'Dieses Dokument konnte nicht geöffnet werden',
  expiring:
    'Ihr Zugang endet in einer Minute. Um weiterzuschreiben, laden Sie die Seite um dieses Dokument neu.',
  expired:
    'Ihr Zugang ist abgelaufen. Was Sie geschrieben haben, bleibt hier und wird gespeichert, sobald die Seite um dieses Dokument Sie wieder einlässt.',
  'token.expired':
    'Die Seite um dieses Dokument hat Sie vor zu langer Zeit angemeldet. Laden Sie sie neu.',
  'token.invalid':
    'Die Seite um dieses Dokument konnte Sie nicht anmelden: Ihr Token ist nicht gültig.',
  'token.origin':
    'Die Seite um dieses Dokument konnte Sie nicht anmelden: Ihr Token ist nicht für {origin}.',
  'token.busy':
    'Der Server ist nicht erreichbar oder ausgelastet. Versuchen Sie es in einer Weile noch einmal.',
})
