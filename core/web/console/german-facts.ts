/** What the core says in English, in German: meanings of settings, faults by their code. What is missing stays English. */

export const GERMAN_MEANINGS: Readonly<Record<string, string>> = {
  domain: "Die Domain des Büros: der Teil jeder Adresse nach dem @.",
  listen: "Wo der Gateway hört, als transport:adresse:port, mit Kommas dazwischen. Ab dem nächsten Start.",
  "auth.exempt": "Adressen, deren Anfragen nicht nach einem Passwort gefragt werden. Für Tests und geschlossene Netze.",
  "auth.algorithms":
    "Digest-Verfahren, die angeboten werden, das liebste zuerst. MD5 nur für Konten, die mit MD5 angelegt wurden.",
  "presence.default-rule":
    "Wer jemanden sehen darf, der keine Regel gesetzt hat: allow, ask, block, oder by-domain (innen allow, außen ask).",
  "registrar.min-expires": "Kürzestes Leben einer Anmeldung in Sekunden; auf weniger wird mit 423 geantwortet.",
  "registrar.max-expires": "Längstes Leben einer Anmeldung in Sekunden; mehr wird gekürzt.",
  "message.keep-days": "Tage, die eine Nachricht auf ihren Empfänger wartet.",
  "message.quota": "Nachrichten, die auf eine Person warten dürfen; die nächste wird abgelehnt.",
  "limit.requests-per-second":
    "Anfragen, die eine Quelle auf Dauer je Sekunde stellen darf; weitere bekommen 503 und die Zeit zum Warten.",
  "limit.burst":
    "Anfragen, die eine Quelle nach einer Pause auf einmal stellen darf: ein ganzes Büro hinter einer Adresse am Morgen.",
  "limit.exempt": "Adressen und Netze, deren Anfragen nicht gezählt werden, etwa ein eigener Proxy.",
  "limit.watched-by-one":
    "Abonnements, die eine Person zugleich halten darf, über alle Geräte; das nächste wird abgelehnt.",
  "limit.watchers-of-one":
    "Abonnements, die zugleich auf eine Person sehen dürfen; das nächste soll später wiederkommen.",
  "metrics.listen":
    "Wo /metrics und /health zu lesen sind, als ADRESSE:PORT nur auf diesem Rechner; leer ist nirgends. Ab dem nächsten Start.",
  "log.level": "Wie viel das Protokoll sagt: silent, error, warn, info oder debug. Ab dem nächsten Start.",
  "log.to": "Wohin das Protokoll geht: stderr, oder file für hallway.log im Datenordner. Ab dem nächsten Start.",
  "log.file-megabytes": "Größe, ab der eine neue Protokolldatei beginnt. Ab dem nächsten Start.",
  "log.files": "Volle Protokolldateien, die behalten werden. Ab dem nächsten Start.",
};

/** Faults and problems by code. */
export const GERMAN_FAULTS: Readonly<Record<string, string>> = {
  "bad-address": "Das ist keine Adresse. Schreibe sie wie name@domain.",
  "foreign-domain": "Die Adresse gehört nicht zur Domain dieses Büros. Schreibe sie mit dessen Domain.",
  "address-taken": "Die Adresse gibt es schon. Wähle einen anderen Namen, oder ändere ihr Passwort.",
  "password-too-short": "Das Passwort braucht mindestens 6 Zeichen.",
  "no-such-account": "Dieses Konto gibt es nicht mehr. Lade die Seite neu.",
  "domain-in-use":
    "Das Büro hat schon Personen, deren Passwörter zu seiner Domain gehören. Beginne einen neuen Ordner.",
  certificate: "Das Zertifikat des Büros endet bald oder ist abgelaufen. Starte den Gateway neu: er macht ein neues.",
  disk: "Auf dem Datenträger mit den Daten des Büros ist kaum noch Platz. Schaffe Platz, sonst gehen Nachrichten verloren.",
  listener: "Der Gateway hört auf einer seiner Adressen nicht mehr. Starte ihn neu.",
  store: "Die Daten des Büros nehmen keine Änderungen an. Prüfe den Datenträger, und wer in den Ordner schreiben darf.",
  clock: "Die Uhr dieses Rechners wurde verstellt. Prüfe seinen Zeitserver.",
};
