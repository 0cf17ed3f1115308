document.title = 'Quire'
