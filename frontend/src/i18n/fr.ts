import { catalogue } from './catalogue'

export default catalogue({
  'app.home': 'Quire, page d’accueil',

  'start.purpose': 'Écrire ensemble, sur votre propre serveur.',
  'start.new': 'Nouveau document',
  'start.creating': 'Création…',
  'start.open': 'Ouvrir un document partagé',
  'start.link': 'Lien ou identifiant du document',
  'start.paste': 'Collez un lien',
  'start.go': 'Ouvrir',
  'start.notALink':
    'Ce n’est pas un lien vers un document. Collez le lien entier, ou seulement sa dernière partie.',
  'start.recent': 'Récents sur cet appareil',
  'start.noRecent':
    'Les documents que vous ouvrez apparaissent ici. La liste reste dans ce navigateur ; personne d’autre ne la voit.',
  'start.forget': 'Retirer {title} de cette liste',
  'when.justNow': 'à l’instant',

  'kind.rich': 'Texte enrichi',
  'kind.rich.purpose': 'Titres, listes et liens tels qu’on les voit',
  'kind.rich.untitled': 'Document sans titre',
  'kind.markdown': 'Markdown',
  'kind.markdown.purpose': 'Du texte brut avec quelques marques',
  'kind.markdown.untitled': 'Markdown sans titre',
  'kind.text': 'Texte brut',
  'kind.text.purpose': 'Rien que des mots',
  'kind.text.untitled': 'Texte sans titre',
  'kind.code': 'Code',
  'kind.code.purpose': 'Lignes numérotées ; couleurs selon le nom du fichier',
  'kind.code.untitled': 'Code sans titre',

  'missing.heading': 'Il n’y a pas de document à cette adresse',
  'missing.text': 'Le lien est peut-être incomplet, ou le document a été supprimé.',
  'missing.deletedHeading': 'Ce document a été supprimé',
  'missing.deletedText':
    'Quelqu’un l’a supprimé. Si c’était une erreur, demandez une sauvegarde à qui gère ce serveur.',
  'missing.new': 'Nouveau document',
  'missing.start': 'Page d’accueil',

  'problem.unreachable': 'Le serveur est injoignable. Vérifiez votre connexion, puis réessayez.',
  'problem.missing': 'Il n’y a plus de document à cette adresse.',
  'problem.conflict': 'Quelqu’un d’autre l’a modifié au même moment. Réessayez.',
  'problem.tooLarge': 'C’est plus grand que ce que le serveur accepte.',
  'problem.tooMany': 'C’est trop de demandes. Attendez un instant, puis réessayez.',
  'problem.forbidden': 'Vous n’avez pas le droit de faire cela ici.',
  'problem.restarting': 'Le serveur est occupé ou redémarre. Réessayez dans quelques secondes.',
  'problem.unknown': 'Le serveur n’a pas pu le faire. Réessayez.',

  'people.here': 'Personnes présentes',
  'people.someone': 'Quelqu’un',
  'people.me': 'Vous êtes {name}. Changer de nom ou de couleur',
  'people.you': '{name} (vous)',
  'people.name': 'Votre nom',
  'people.colour': 'Votre couleur',
  'people.colourNumber': 'Couleur {number}',
  'people.hint': 'Les autres le voient près de votre curseur. C’est gardé dans ce navigateur.',
  'people.guests':
    'Héron bleu|Pinson vert|Troglodyte agile|Loutre argentée|Renard roux|Lièvre doré|Lynx discret|Martinet violet|Blaireau gris|Faucon blanc|Petit pluvier|Hibou brun|Crécerelle vive|Martre sauvage|Phoque paisible|Cerf rapide|Pie maligne|Loir endormi|Alouette joyeuse|Hérisson courageux|Écureuil agile|Milan royal|Cigogne noire|Rouge-gorge tranquille',

  'title.label': 'Titre du document',
  'title.notChanged': '{reason} Le titre n’a pas été changé.',

  'state.opening': 'Ouverture…',
  'state.reconnecting': 'Reconnexion…',
  'state.reconnectingWith': {
    one: 'Reconnexion… {count} modification en attente',
    other: 'Reconnexion… {count} modifications en attente',
  },
  'state.offline': 'Hors ligne – vous pouvez continuer à écrire',
  'state.offlineKept': {
    one: 'Hors ligne – {count} modification gardée sur cet appareil',
    other: 'Hors ligne – {count} modifications gardées sur cet appareil',
  },
  'state.offlineNotKept': {
    one: 'Hors ligne – gardez cet onglet ouvert, {count} modification non enregistrée',
    other: 'Hors ligne – gardez cet onglet ouvert, {count} modifications non enregistrées',
  },
  'state.saving': 'Enregistrement…',
  'state.saved': 'Enregistré',
  'state.readonly': 'Lecture seule',
  'state.error': 'Non connecté – rechargez la page',
  'state.tryNow': 'Essayer maintenant',

  'refused.kept': '{reason} Nous avons gardé une copie de ce que vous avez écrit.',
  'refused.readonly':
    'Une modification n’a pas pu être enregistrée : vous pouvez seulement lire ce document.',
  'refused.tooLarge':
    'Une modification n’a pas pu être enregistrée : elle est plus grande que ce que le serveur accepte.',
  'refused.deleted': 'Une modification n’a pas pu être enregistrée : le document a été supprimé.',
  'refused.other':
    'Une modification n’a pas pu être enregistrée : le serveur ne l’a pas acceptée ({code}).',
  'refused.copy': 'Copier mon texte',
  'refused.dismiss': 'Fermer',

  'share.button': 'Partager',
  'share.hint': 'Qui a le lien peut écrire',
  'share.copied': 'Lien copié',
  'share.byHand': 'Copiez l’adresse de cette page',
  'copy.done': 'Copié',

  'editor.label': 'Texte du document',
  'editor.placeholder': 'Écrivez quelque chose…',
  'editor.failed':
    'L’éditeur n’a pas pu être chargé. Vérifiez votre connexion, puis rechargez cette page.',
  'editor.done': 'Fait',
  'editor.toDo': 'À faire',
  'editor.unknownEmbed': 'Cet éditeur ne sait pas l’afficher et le garde tel quel',

  'toolbar.label': 'Mise en forme',
  'toolbar.undo': 'Annuler',
  'toolbar.redo': 'Rétablir',
  'toolbar.style': 'Style de texte',
  'toolbar.body': 'Corps de texte',
  'toolbar.heading': 'Titre {level}',
  'toolbar.otherStyle': 'Autre',
  'toolbar.bold': 'Gras',
  'toolbar.italic': 'Italique',
  'toolbar.underline': 'Souligné',
  'toolbar.strike': 'Barré',
  'toolbar.code': 'Code',
  'toolbar.bullet': 'Liste à puces',
  'toolbar.ordered': 'Liste numérotée',
  'toolbar.check': 'Liste à cocher',
  'toolbar.blockquote': 'Citation',
  'toolbar.code-block': 'Bloc de code',
  'toolbar.typeThis': 'tapez {characters}',
  'toolbar.typeWithSpace': 'tapez {characters} et une espace',
  'toolbar.link': 'Lien',

  'link.address': 'Adresse du lien',
  'link.add': 'Ajouter le lien',
  'link.change': 'Modifier le lien',
  'link.remove': 'Retirer le lien',

  'key.ctrl': 'Ctrl',
  'key.shift': 'Maj',

  'settings.title': 'Réglages',
  'settings.close': 'Fermer',
  'settings.hint': 'Les réglages restent dans ce navigateur et ne concernent que vous.',
  'settings.language': 'Langue',
  'settings.language.auto': 'Comme le navigateur ({language})',
  'settings.theme': 'Thème',
  'settings.theme.auto': 'Comme le système',
  'settings.theme.light': 'Clair',
  'settings.theme.dark': 'Sombre',
})
