/**
 * Where the people of the sample lake live and what they are called: names, cities, phone, IBAN and national
 * id by country. All invented; e-mail domains are those reserved for examples (RFC 2606).
 */
export interface Locale {
  readonly country: string;
  /** Of 100 customers, so many live here. */
  readonly share: number;
  readonly names: keyof typeof NAMES;
  readonly cities: readonly string[];
  readonly dial: string;
  readonly phoneDigits: number;
  /** Bank part of the IBAN: fixed letters first, then so many random digits. Absent: no IBANs there. */
  readonly iban?: { readonly letters: string; readonly digits: number };
  /** `#` is a random digit, `@` a random capital letter. */
  readonly nationalId: string;
}

const list = (text: string): readonly string[] => text.split(' ');

export const NAMES = {
  german: {
    first: list(
      'Anna Lukas Lea Jonas Mia Felix Emma Paul Laura Maximilian Sophie Leon Hannah Tim Jürgen Käthe Sabine Uwe',
    ),
    last: list(
      'Müller Schmidt Schneider Fischer Weber Meyer Wagner Becker Schulz Hoffmann Schäfer Koch Bauer Richter Klein Wolf Schröder Neumann',
    ),
  },
  french: {
    first: list(
      'Camille Louis Chloé Hugo Manon Jules Léa Gabriel Inès Arthur Zoé Raphaël Élodie Antoine Océane Théo',
    ),
    last: list(
      'Martin Bernard Dubois Thomas Robert Richard Petit Durand Leroy Moreau Simon Laurent Lefèvre Michel Garcia Rousseau',
    ),
  },
  italian: {
    first: list(
      'Giulia Francesco Sofia Alessandro Aurora Lorenzo Martina Matteo Chiara Andrea Elena Davide Sara Luca',
    ),
    last: list(
      "Rossi Russo Ferrari Esposito Bianchi Romano Colombo Ricci Marino Greco Bruno Gallo Conti D'Angelo",
    ),
  },
  spanish: {
    first: list('Lucía Hugo María Martín Paula Pablo Carmen Alejandro Marta Diego Elena Javier Nuria Íñigo'),
    last: list(
      'García Rodríguez González Fernández López Martínez Sánchez Pérez Gómez Martín Jiménez Ruiz Hernández Muñoz',
    ),
  },
  dutch: {
    first: list('Emma Daan Sophie Sem Julia Lucas Mila Levi Eva Finn Sanne Bram Lotte Thijs'),
    last: list(
      'Jansen Bakker Visser Smit Mulder Bos Peters Hendriks Dekker Brouwer Vermeer Willems Kuipers Postma',
    ),
  },
  polish: {
    first: list(
      'Zofia Antoni Julia Jakub Maja Szymon Hanna Aleksander Lena Franciszek Małgorzata Łukasz Agnieszka Paweł',
    ),
    last: list(
      'Nowak Kowalski Wiśniewski Wójcik Kowalczyk Kamiński Lewandowski Zieliński Szymański Woźniak Dąbrowski Mazur',
    ),
  },
  nordic: {
    first: list('Alice William Maja Liam Astrid Oscar Freja Noah Ingrid Elias Signe Axel Åsa Bjørn'),
    last: list(
      'Andersson Johansson Karlsson Nilsson Eriksson Larsen Olsen Hansen Berg Lindqvist Sørensen Nyström',
    ),
  },
  english: {
    first: list(
      'Olivia James Amelia Oliver Isla Harry Grace Jack Emily Thomas Ruby Ethan Abigail Mason Siobhan Connor',
    ),
    last: list(
      "Smith Jones Taylor Brown Williams Wilson Johnson Davies Patel Wright Walker O'Brien Murphy Thompson Campbell Nguyen",
    ),
  },
  portuguese: {
    first: list('Maria João Leonor Francisco Matilde Santiago Carolina Afonso Beatriz Tomás Inês Gonçalo'),
    last: list(
      'Silva Santos Ferreira Pereira Oliveira Costa Rodrigues Martins Sousa Fernandes Gonçalves Araújo',
    ),
  },
  indian: {
    first: list('Aarav Ananya Vivaan Diya Arjun Ishaan Priya Kavya Rohan Meera Sanjay Lakshmi'),
    last: list('Sharma Verma Gupta Singh Kumar Reddy Iyer Nair Das Mehta Joshi Rao'),
  },
  japanese: {
    first: list('Haruto Yui Sota Hina Yuto Sakura Riku Aoi Kenji Naoko Hiroshi Emi'),
    last: list('Sato Suzuki Takahashi Tanaka Watanabe Ito Yamamoto Nakamura Kobayashi Kato Yoshida Yamada'),
  },
} as const;

const cities = (text: string): readonly string[] => text.split('|');
const iban = (digits: number, letters = '') => ({ letters, digits });

export const LOCALES: readonly Locale[] = [
  {
    country: 'DE',
    share: 18,
    names: 'german',
    cities: cities('Berlin|Hamburg|München|Köln|Frankfurt am Main|Leipzig|Düsseldorf'),
    dial: '+49',
    phoneDigits: 10,
    iban: iban(18),
    nationalId: '###########',
  },
  {
    country: 'FR',
    share: 12,
    names: 'french',
    cities: cities('Paris|Lyon|Marseille|Toulouse|Nantes|Saint-Étienne'),
    dial: '+33',
    phoneDigits: 9,
    iban: iban(23),
    nationalId: '#############',
  },
  {
    country: 'IT',
    share: 9,
    names: 'italian',
    cities: cities("Roma|Milano|Napoli|Torino|Bologna|L'Aquila"),
    dial: '+39',
    phoneDigits: 10,
    iban: iban(22, 'X'),
    nationalId: '@@@@@@##@##@###@',
  },
  {
    country: 'ES',
    share: 8,
    names: 'spanish',
    cities: cities('Madrid|Barcelona|Valencia|Sevilla|A Coruña'),
    dial: '+34',
    phoneDigits: 9,
    iban: iban(20),
    nationalId: '########@',
  },
  {
    country: 'NL',
    share: 6,
    names: 'dutch',
    cities: cities("Amsterdam|Rotterdam|Utrecht|Den Haag|'s-Hertogenbosch"),
    dial: '+31',
    phoneDigits: 9,
    iban: iban(10, 'INGB'),
    nationalId: '#########',
  },
  {
    country: 'PL',
    share: 6,
    names: 'polish',
    cities: cities('Warszawa|Kraków|Łódź|Wrocław|Gdańsk'),
    dial: '+48',
    phoneDigits: 9,
    iban: iban(24),
    nationalId: '###########',
  },
  {
    country: 'SE',
    share: 4,
    names: 'nordic',
    cities: cities('Stockholm|Göteborg|Malmö|Uppsala'),
    dial: '+46',
    phoneDigits: 9,
    iban: iban(20),
    nationalId: '######-####',
  },
  {
    country: 'AT',
    share: 3,
    names: 'german',
    cities: cities('Wien|Graz|Linz|Salzburg'),
    dial: '+43',
    phoneDigits: 10,
    iban: iban(16),
    nationalId: '##########',
  },
  {
    country: 'BE',
    share: 3,
    names: 'french',
    cities: cities('Bruxelles|Antwerpen|Gent|Liège'),
    dial: '+32',
    phoneDigits: 9,
    iban: iban(12),
    nationalId: '###########',
  },
  {
    country: 'PT',
    share: 2,
    names: 'portuguese',
    cities: cities('Lisboa|Porto|Braga|Coimbra'),
    dial: '+351',
    phoneDigits: 9,
    iban: iban(21),
    nationalId: '#########',
  },
  {
    country: 'DK',
    share: 2,
    names: 'nordic',
    cities: cities('København|Aarhus|Odense'),
    dial: '+45',
    phoneDigits: 8,
    iban: iban(14),
    nationalId: '######-####',
  },
  {
    country: 'IE',
    share: 2,
    names: 'english',
    cities: cities('Dublin|Cork|Galway'),
    dial: '+353',
    phoneDigits: 9,
    iban: iban(14, 'AIBK'),
    nationalId: '#######@',
  },
  {
    country: 'US',
    share: 8,
    names: 'english',
    cities: cities('New York|Chicago|Austin|Seattle|Boston|Denver'),
    dial: '+1',
    phoneDigits: 10,
    nationalId: '###-##-####',
  },
  {
    country: 'GB',
    share: 6,
    names: 'english',
    cities: cities('London|Manchester|Leeds|Edinburgh|Bristol'),
    dial: '+44',
    phoneDigits: 10,
    iban: iban(14, 'NWBK'),
    nationalId: '@@######@',
  },
  {
    country: 'CH',
    share: 3,
    names: 'german',
    cities: cities('Zürich|Genève|Basel|Bern'),
    dial: '+41',
    phoneDigits: 9,
    iban: iban(17),
    nationalId: '756.####.####.##',
  },
  {
    country: 'NO',
    share: 2,
    names: 'nordic',
    cities: cities('Oslo|Bergen|Tromsø'),
    dial: '+47',
    phoneDigits: 8,
    iban: iban(11),
    nationalId: '###########',
  },
  {
    country: 'BR',
    share: 2,
    names: 'portuguese',
    cities: cities('São Paulo|Rio de Janeiro|Brasília'),
    dial: '+55',
    phoneDigits: 11,
    nationalId: '###.###.###-##',
  },
  {
    country: 'IN',
    share: 2,
    names: 'indian',
    cities: cities('Mumbai|Bengaluru|Delhi|Chennai'),
    dial: '+91',
    phoneDigits: 10,
    nationalId: '#### #### ####',
  },
  {
    country: 'JP',
    share: 1,
    names: 'japanese',
    cities: cities('Tokyo|Osaka|Sapporo'),
    dial: '+81',
    phoneDigits: 10,
    nationalId: '############',
  },
  {
    country: 'CA',
    share: 1,
    names: 'english',
    cities: cities('Toronto|Montréal|Vancouver'),
    dial: '+1',
    phoneDigits: 10,
    nationalId: '### ### ###',
  },
];

export const EMAIL_DOMAINS: readonly string[] = [
  'example.com',
  'example.org',
  'example.net',
  'mail.example',
  'post.example',
];
