import { catalogue } from './catalogue'

export default catalogue({
  'app.home': 'Quire, Startseite',

  'start.purpose': 'Gemeinsam schreiben, auf dem eigenen Server.',
  'start.new': 'Neues Dokument',
  'start.creating': 'Wird angelegt …',
  'start.open': 'Geteiltes Dokument öffnen',
  'start.link': 'Link oder Kennung des Dokuments',
  'start.paste': 'Link einfügen',
  'start.go': 'Öffnen',
  'start.notALink':
    'Das ist kein Link zu einem Dokument. Fügen Sie den ganzen Link ein oder nur seinen letzten Teil.',
  'start.recent': 'Zuletzt auf diesem Gerät',
  'start.noRecent':
    'Hier erscheinen Dokumente, die Sie öffnen. Die Liste bleibt in diesem Browser; niemand sonst sieht sie.',
  'start.forget': '{title} aus dieser Liste entfernen',
  'when.justNow': 'gerade eben',

  'kind.rich': 'Formatierter Text',
  'kind.rich.purpose': 'Überschriften, Listen und Links, wie man sie sieht',
  'kind.rich.untitled': 'Unbenanntes Dokument',
  'kind.markdown': 'Markdown',
  'kind.markdown.purpose': 'Reiner Text mit leichten Auszeichnungen',
  'kind.markdown.untitled': 'Unbenanntes Markdown',
  'kind.text': 'Reiner Text',
  'kind.text.purpose': 'Nichts als Wörter',
  'kind.text.untitled': 'Unbenannter Text',
  'kind.code': 'Code',
  'kind.code.purpose': 'Zeilennummern; Farben nach dem Dateinamen',
  'kind.code.untitled': 'Unbenannter Code',

  'missing.heading': 'Unter dieser Adresse gibt es kein Dokument',
  'missing.text': 'Vielleicht ist der Link unvollständig, oder das Dokument wurde gelöscht.',
  'missing.deletedHeading': 'Dieses Dokument wurde gelöscht',
  'missing.deletedText':
    'Jemand hat es gelöscht. War das ein Versehen, fragen Sie den Betreiber dieses Servers nach einer Sicherung.',
  'missing.new': 'Neues Dokument',
  'missing.start': 'Startseite',

  'problem.unreachable':
    'Der Server ist nicht erreichbar. Prüfen Sie die Verbindung und versuchen Sie es noch einmal.',
  'problem.missing': 'Unter dieser Adresse gibt es kein Dokument mehr.',
  'problem.conflict': 'Jemand anderes hat das im selben Moment geändert. Bitte noch einmal.',
  'problem.tooLarge': 'Das ist größer, als der Server annimmt.',
  'problem.tooMany': 'Das war zu oft hintereinander. Warten Sie einen Moment.',
  'problem.forbidden': 'Das dürfen Sie hier nicht.',
  'problem.restarting':
    'Der Server ist beschäftigt oder startet neu. Versuchen Sie es in einigen Sekunden noch einmal.',
  'problem.unknown': 'Das konnte der Server nicht. Versuchen Sie es noch einmal.',

  'people.here': 'Wer hier ist',
  'people.someone': 'Jemand',
  'people.me': 'Sie heißen {name}. Namen oder Farbe ändern',
  'people.you': '{name} (Sie)',
  'people.name': 'Ihr Name',
  'people.colour': 'Ihre Farbe',
  'people.colourNumber': 'Farbe {number}',
  'people.hint': 'Das sehen andere neben Ihrer Schreibmarke. Es bleibt in diesem Browser.',
  'people.guests':
    'Blauer Reiher|Grüner Fink|Flinker Zaunkönig|Silberner Otter|Roter Fuchs|Goldener Hase|Leiser Luchs|Kluger Dachs|Weißer Falke|Kleiner Regenpfeifer|Brauner Kauz|Heller Turmfalke|Wilder Marder|Sanfter Seehund|Schneller Hirsch|Fröhlicher Star|Mutiger Igel|Müder Siebenschläfer|Roter Milan|Schwarzer Storch|Bunter Specht|Grauer Kranich|Heiterer Pirol|Alter Uhu',

  'title.label': 'Titel des Dokuments',
  'title.notChanged': '{reason} Der Titel wurde nicht geändert.',

  'state.opening': 'Wird geöffnet …',
  'state.reconnecting': 'Verbindung wird hergestellt …',
  'state.reconnectingWith': {
    one: 'Verbindung wird hergestellt … {count} Änderung wartet',
    other: 'Verbindung wird hergestellt … {count} Änderungen warten',
  },
  'state.offline': 'Offline – Sie können weiterschreiben',
  'state.offlineKept': {
    one: 'Offline – {count} Änderung auf diesem Gerät aufgehoben',
    other: 'Offline – {count} Änderungen auf diesem Gerät aufgehoben',
  },
  'state.offlineNotKept': {
    one: 'Offline – lassen Sie den Tab offen, {count} Änderung ist nicht gespeichert',
    other: 'Offline – lassen Sie den Tab offen, {count} Änderungen sind nicht gespeichert',
  },
  'state.saving': 'Wird gespeichert …',
  'state.saved': 'Gespeichert',
  'state.readonly': 'Nur lesen',
  'state.error': 'Nicht verbunden – laden Sie die Seite neu',
  'state.tryNow': 'Jetzt versuchen',

  'refused.kept': '{reason} Was Sie geschrieben haben, ist noch da.',
  'refused.readonly':
    'Eine Änderung konnte nicht gespeichert werden: Sie dürfen dieses Dokument nur lesen.',
  'refused.tooLarge':
    'Eine Änderung konnte nicht gespeichert werden: Sie ist größer, als der Server annimmt.',
  'refused.deleted': 'Eine Änderung konnte nicht gespeichert werden: Das Dokument wurde gelöscht.',
  'refused.other':
    'Eine Änderung konnte nicht gespeichert werden: Der Server hat sie nicht angenommen ({code}).',
  'refused.copy': 'Meinen Text kopieren',
  'refused.dismiss': 'Schließen',

  'share.button': 'Teilen',
  'share.hint': 'Wer den Link hat, kann mitschreiben',
  'share.copied': 'Link kopiert',
  'share.byHand': 'Kopieren Sie die Adresse dieser Seite',
  'copy.done': 'Kopiert',

  'state.full': {
    one: 'Der Speicher des Servers ist voll – {count} Änderung auf diesem Gerät aufgehoben',
    other: 'Der Speicher des Servers ist voll – {count} Änderungen auf diesem Gerät aufgehoben',
  },
  'state.fullNotKept': {
    one: 'Der Speicher des Servers ist voll – lassen Sie den Tab offen, {count} Änderung ist nicht gespeichert',
    other:
      'Der Speicher des Servers ist voll – lassen Sie den Tab offen, {count} Änderungen sind nicht gespeichert',
  },

  'away.changes': {
    one: 'Während Sie weg waren: {count} Änderung von {people}',
    other: 'Während Sie weg waren: {count} Änderungen von {people}',
  },
  'away.others': 'anderen',

  'update.ready': 'Quire wurde erneuert.',
  'update.reload': 'Neu laden',

  'chat.title': 'Chat',
  'chat.openUnread': {
    one: 'Chat öffnen, {count} ungelesene Nachricht',
    other: 'Chat öffnen, {count} ungelesene Nachrichten',
  },
  'chat.close': 'Chat schließen',
  'chat.log': 'Nachrichten',
  'chat.empty': 'Hier wurde noch nichts gesagt. Nachrichten bleiben beim Dokument.',
  'chat.older': 'Ältere Nachrichten zeigen',
  'chat.write': 'Nachricht an alle',
  'chat.writeTo': 'Nachricht an {name}',
  'chat.to': 'An',
  'chat.everybody': 'Alle',
  'chat.send': 'Senden',
  'chat.waiting': 'Noch nicht gesendet',
  'chat.refused': 'Der Server hat diese Nachricht nicht angenommen.',
  'chat.onlyTo': 'nur an {name}',
  'chat.onlyYou': 'nur an Sie',
  'chat.you': 'Sie',
  'chat.typing': '{name} schreibt …',
  'chat.typingMany': 'Mehrere schreiben …',
  'chat.new': 'Neue Nachrichten',
  'chat.mention': 'Personen zum Erwähnen',

  'toolbar.image': 'Bild',

  'image.adding': '{name} wird eingefügt: {percent} %',
  'image.cancel': 'Abbrechen',
  'image.offline':
    'Sie sind offline. Ein Bild lässt sich erst einfügen, wenn Sie wieder online sind.',
  'image.tooLarge':
    'Dieses Bild ist größer, als der Server annimmt. Verkleinern Sie es und versuchen Sie es noch einmal.',
  'image.unknown': 'Nur Bilder lassen sich einfügen: PNG, JPEG, GIF, WebP und AVIF.',
  'image.damaged':
    'Dieses Bild ist beschädigt oder zu groß zum Anzeigen. Speichern Sie es in einem anderen Programm neu und versuchen Sie es noch einmal.',
  'image.quota':
    'In diesem Dokument ist kein Platz für noch ein Bild. Verkleinern Sie es oder beginnen Sie ein anderes Dokument.',
  'image.diskFull': 'Der Speicher des Servers ist voll. Sagen Sie es dem, der ihn betreibt.',
  'image.text': 'Beschreibung für alle, die es nicht sehen',
  'image.width': 'Breite in Pixeln',
  'image.smaller': 'Kleiner',
  'image.larger': 'Größer',
  'image.remove': 'Bild entfernen',
  'image.close': 'Fertig',

  'paste.binary': 'Was Sie eingefügt haben, war kein Text und wurde weggelassen.',

  'editor.label': 'Text des Dokuments',
  'editor.placeholder': 'Schreiben Sie etwas …',
  'editor.failed':
    'Der Editor konnte nicht geladen werden. Prüfen Sie die Verbindung und laden Sie die Seite neu.',
  'editor.done': 'Erledigt',
  'editor.toDo': 'Zu tun',
  'editor.unknownEmbed': 'Dieser Editor kann es nicht zeigen und lässt es, wie es ist',

  'toolbar.label': 'Formatierung',
  'toolbar.undo': 'Rückgängig',
  'toolbar.redo': 'Wiederholen',
  'toolbar.style': 'Absatzart',
  'toolbar.body': 'Fließtext',
  'toolbar.heading': 'Überschrift {level}',
  'toolbar.otherStyle': 'Andere',
  'toolbar.bold': 'Fett',
  'toolbar.italic': 'Kursiv',
  'toolbar.underline': 'Unterstrichen',
  'toolbar.strike': 'Durchgestrichen',
  'toolbar.code': 'Code',
  'toolbar.bullet': 'Aufzählung',
  'toolbar.ordered': 'Nummerierte Liste',
  'toolbar.check': 'Checkliste',
  'toolbar.blockquote': 'Zitat',
  'toolbar.code-block': 'Codeblock',
  'toolbar.typeThis': '{characters} tippen',
  'toolbar.typeWithSpace': '{characters} und ein Leerzeichen tippen',
  'toolbar.link': 'Link',

  'link.address': 'Adresse des Links',
  'link.add': 'Link setzen',
  'link.change': 'Link ändern',
  'link.remove': 'Link entfernen',

  'key.ctrl': 'Strg',
  'key.shift': 'Umschalt',

  'settings.title': 'Einstellungen',
  'settings.close': 'Schließen',
  'settings.hint': 'Einstellungen bleiben in diesem Browser und gelten nur für Sie.',
  'settings.language': 'Sprache',
  'settings.language.auto': 'Wie im Browser ({language})',
  'settings.theme': 'Darstellung',
  'settings.theme.auto': 'Wie im System',
  'settings.theme.light': 'Hell',
  'settings.theme.dark': 'Dunkel',

  'find.title': 'Suchen und ersetzen',
  'find.find': 'Suchen',
  'find.replaceWith': 'Ersetzen durch',
  'find.replace': 'Ersetzen',
  'find.replaceAll': 'Alle ersetzen',
  'find.next': 'Weiter',
  'find.previous': 'Zurück',
  'find.close': 'Schließen',
  'find.caseSensitive': 'Groß- und Kleinschreibung',
  'find.wholeWord': 'Ganze Wörter',
  'find.regexp': 'Regulärer Ausdruck',
  'find.none': 'Nichts gefunden',
  'find.invalid': 'Kein gültiger Ausdruck',
  'find.count': { one: '{count} Treffer', other: '{count} Treffer' },
  'find.which': '{current} von {count}',
  'find.many': 'Mehr als {count}',

  'plain.tools': 'Werkzeuge',
  'plain.kind': 'Art des Dokuments',
  'plain.language': 'Sprache des Codes',
  'plain.languageAuto': 'Nach dem Dateinamen',
  'plain.indent': 'Einzug',
  'plain.indent.auto': 'Einzug: wie im Text',
  'plain.indent.tab': 'Tabulatoren',
  'plain.indent.spaces': '{count} Leerzeichen',
  'plain.wrap': 'Lange Zeilen umbrechen',
  'plain.notChanged': '{reason} Das Dokument wurde nicht geändert.',
  'plain.find': 'Suchen',

  'preview.label': 'Vorschau',
  'preview.view': 'Ansicht',
  'preview.write': 'Schreiben',
  'preview.split': 'Nebeneinander',
  'preview.read': 'Lesen',
  'preview.failed':
    'Die Vorschau konnte nicht geladen werden. Prüfen Sie die Verbindung und laden Sie die Seite neu.',
  'preview.empty': 'Was Sie schreiben, erscheint hier.',
  'preview.task': 'Aufgabe',
  'preview.diagram': 'Diagramm: {source}',
  'preview.diagramBroken': 'Dieses Diagramm lässt sich nicht zeichnen.',
})
