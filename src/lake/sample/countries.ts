/** ISO 3166-1 in full: alpha-2 code, English short name, continent. The European Union is as of 2026. */
const EU = new Set(
  'AT BE BG HR CY CZ DK EE FI FR DE GR HU IE IT LV LT LU MT NL PL PT RO SK SI ES SE'.split(' '),
);

const BY_REGION: Readonly<Record<string, string>> = {
  Africa: `DZ Algeria|AO Angola|BJ Benin|BW Botswana|BF Burkina Faso|BI Burundi|CV Cabo Verde|CM Cameroon|CF Central African Republic|TD Chad|KM Comoros|CG Congo|CD Congo (Democratic Republic)|CI Côte d'Ivoire|DJ Djibouti|EG Egypt|GQ Equatorial Guinea|ER Eritrea|SZ Eswatini|ET Ethiopia|GA Gabon|GM Gambia|GH Ghana|GN Guinea|GW Guinea-Bissau|KE Kenya|LS Lesotho|LR Liberia|LY Libya|MG Madagascar|MW Malawi|ML Mali|MR Mauritania|MU Mauritius|YT Mayotte|MA Morocco|MZ Mozambique|NA Namibia|NE Niger|NG Nigeria|RE Réunion|RW Rwanda|SH Saint Helena, Ascension and Tristan da Cunha|ST Sao Tome and Principe|SN Senegal|SC Seychelles|SL Sierra Leone|SO Somalia|ZA South Africa|SS South Sudan|SD Sudan|TZ Tanzania|TG Togo|TN Tunisia|UG Uganda|EH Western Sahara|ZM Zambia|ZW Zimbabwe|IO British Indian Ocean Territory`,
  Americas: `AI Anguilla|AG Antigua and Barbuda|AR Argentina|AW Aruba|BS Bahamas|BB Barbados|BZ Belize|BM Bermuda|BO Bolivia|BQ Bonaire, Sint Eustatius and Saba|BR Brazil|CA Canada|KY Cayman Islands|CL Chile|CO Colombia|CR Costa Rica|CU Cuba|CW Curaçao|DM Dominica|DO Dominican Republic|EC Ecuador|SV El Salvador|FK Falkland Islands|GF French Guiana|GL Greenland|GD Grenada|GP Guadeloupe|GT Guatemala|GY Guyana|HT Haiti|HN Honduras|JM Jamaica|MQ Martinique|MX Mexico|MS Montserrat|NI Nicaragua|PA Panama|PY Paraguay|PE Peru|PR Puerto Rico|BL Saint Barthélemy|KN Saint Kitts and Nevis|LC Saint Lucia|MF Saint Martin (French part)|PM Saint Pierre and Miquelon|VC Saint Vincent and the Grenadines|SX Sint Maarten (Dutch part)|SR Suriname|TT Trinidad and Tobago|TC Turks and Caicos Islands|US United States|UY Uruguay|VE Venezuela|VG Virgin Islands (British)|VI Virgin Islands (U.S.)`,
  Antarctica: `AQ Antarctica|BV Bouvet Island|TF French Southern Territories|HM Heard Island and McDonald Islands|GS South Georgia and the South Sandwich Islands`,
  Asia: `AF Afghanistan|AM Armenia|AZ Azerbaijan|BH Bahrain|BD Bangladesh|BT Bhutan|BN Brunei Darussalam|KH Cambodia|CN China|CY Cyprus|GE Georgia|HK Hong Kong|IN India|ID Indonesia|IR Iran|IQ Iraq|IL Israel|JP Japan|JO Jordan|KZ Kazakhstan|KW Kuwait|KG Kyrgyzstan|LA Laos|LB Lebanon|MO Macao|MY Malaysia|MV Maldives|MN Mongolia|MM Myanmar|NP Nepal|KP North Korea|OM Oman|PK Pakistan|PS Palestine|PH Philippines|QA Qatar|SA Saudi Arabia|SG Singapore|KR South Korea|LK Sri Lanka|SY Syria|TW Taiwan|TJ Tajikistan|TH Thailand|TL Timor-Leste|TR Türkiye|TM Turkmenistan|AE United Arab Emirates|UZ Uzbekistan|VN Viet Nam|YE Yemen`,
  Europe: `AX Åland Islands|AL Albania|AD Andorra|AT Austria|BY Belarus|BE Belgium|BA Bosnia and Herzegovina|BG Bulgaria|HR Croatia|CZ Czechia|DK Denmark|EE Estonia|FO Faroe Islands|FI Finland|FR France|DE Germany|GI Gibraltar|GR Greece|GG Guernsey|VA Holy See|HU Hungary|IS Iceland|IE Ireland|IM Isle of Man|IT Italy|JE Jersey|LV Latvia|LI Liechtenstein|LT Lithuania|LU Luxembourg|MT Malta|MD Moldova|MC Monaco|ME Montenegro|NL Netherlands|MK North Macedonia|NO Norway|PL Poland|PT Portugal|RO Romania|RU Russia|SM San Marino|RS Serbia|SK Slovakia|SI Slovenia|ES Spain|SJ Svalbard and Jan Mayen|SE Sweden|CH Switzerland|UA Ukraine|GB United Kingdom`,
  Oceania: `AS American Samoa|AU Australia|CX Christmas Island|CC Cocos (Keeling) Islands|CK Cook Islands|FJ Fiji|PF French Polynesia|GU Guam|KI Kiribati|MH Marshall Islands|FM Micronesia|NR Nauru|NC New Caledonia|NZ New Zealand|NU Niue|NF Norfolk Island|MP Northern Mariana Islands|PW Palau|PG Papua New Guinea|PN Pitcairn|WS Samoa|SB Solomon Islands|TK Tokelau|TO Tonga|TV Tuvalu|UM United States Minor Outlying Islands|VU Vanuatu|WF Wallis and Futuna`,
};

export interface Country {
  readonly code: string;
  readonly name: string;
  readonly region: string;
  readonly eu: boolean;
}

export const COUNTRIES: readonly Country[] = Object.entries(BY_REGION)
  .flatMap(([region, list]) =>
    list.split('|').map((entry) => {
      const code = entry.slice(0, 2);
      return { code, name: entry.slice(3), region, eu: EU.has(code) };
    }),
  )
  .sort((a, b) => (a.code < b.code ? -1 : 1));
