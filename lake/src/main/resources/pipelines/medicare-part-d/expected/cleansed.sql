-- The cleansed rows, computed from the source alone, in PostgreSQL's own words: the other half of each proof.
-- 24 is the Luhn sum of the prefix 80840; the array holds the digit sums of doubled digits.
WITH code (state_code, state_name) AS (
    VALUES ('AL', 'Alabama'), ('AK', 'Alaska'), ('AZ', 'Arizona'), ('AR', 'Arkansas'), ('CA', 'California'),
      ('CO', 'Colorado'), ('CT', 'Connecticut'), ('DE', 'Delaware'), ('FL', 'Florida'), ('GA', 'Georgia'), ('HI', 'Hawaii'),
      ('ID', 'Idaho'), ('IL', 'Illinois'), ('IN', 'Indiana'), ('IA', 'Iowa'), ('KS', 'Kansas'), ('KY', 'Kentucky'),
      ('LA', 'Louisiana'), ('ME', 'Maine'), ('MD', 'Maryland'), ('MA', 'Massachusetts'), ('MI', 'Michigan'),
      ('MN', 'Minnesota'), ('MS', 'Mississippi'), ('MO', 'Missouri'), ('MT', 'Montana'), ('NE', 'Nebraska'),
      ('NV', 'Nevada'), ('NH', 'New Hampshire'), ('NJ', 'New Jersey'), ('NM', 'New Mexico'), ('NY', 'New York'),
      ('NC', 'North Carolina'), ('ND', 'North Dakota'), ('OH', 'Ohio'), ('OK', 'Oklahoma'), ('OR', 'Oregon'),
      ('PA', 'Pennsylvania'), ('RI', 'Rhode Island'), ('SC', 'South Carolina'), ('SD', 'South Dakota'),
      ('TN', 'Tennessee'), ('TX', 'Texas'), ('UT', 'Utah'), ('VT', 'Vermont'), ('VA', 'Virginia'), ('WA', 'Washington'),
      ('WV', 'West Virginia'), ('WI', 'Wisconsin'), ('WY', 'Wyoming'), ('DC', 'District of Columbia'),
      ('PR', 'Puerto Rico'), ('VI', 'U.S. Virgin Islands'), ('GU', 'Guam'), ('AS', 'American Samoa'),
      ('MP', 'Northern Mariana Islands'), ('FM', 'Federated States of Micronesia'), ('AA', 'Armed Forces Americas'),
      ('AE', 'Armed Forces Europe'), ('AP', 'Armed Forces Pacific'), ('XX', 'Unknown'), ('ZZ', 'Foreign Country')
),
prescriber_drug AS (
  SELECT * FROM (
    SELECT id, year, prscrbr_npi,
           nullif(concat_ws(' ', nullif(btrim(regexp_replace(prscrbr_first_name, '[ \t\n\r\f\v]+', ' ', 'g')), ''), nullif(btrim(regexp_replace(prscrbr_last_org_name, '[ \t\n\r\f\v]+', ' ', 'g')), '')), '') AS presc_fullname,
           CASE WHEN nullif(btrim(regexp_replace(prscrbr_state_abrvtn, '[ \t\n\r\f\v]+', ' ', 'g')), '') IN (SELECT state_code FROM code)
                THEN nullif(btrim(regexp_replace(prscrbr_state_abrvtn, '[ \t\n\r\f\v]+', ' ', 'g')), '') ELSE 'XX' END AS state_code,
           nullif(btrim(regexp_replace(prscrbr_type, '[ \t\n\r\f\v]+', ' ', 'g')), '') AS presc_specialty,
           nullif(btrim(regexp_replace(brnd_name, '[ \t\n\r\f\v]+', ' ', 'g')), '') AS drug_brand_name,
           nullif(btrim(regexp_replace(gnrc_name, '[ \t\n\r\f\v]+', ' ', 'g')), '') AS drug,
           tot_clms, tot_30day_fills, tot_day_suply, tot_drug_cst
    FROM cms.prescriber_drug) typed
  WHERE prscrbr_npi BETWEEN 1000000000 AND 9999999999
      AND (24 + (ARRAY[0,2,4,6,8,1,3,5,7,9])[(prscrbr_npi / 1000000000 % 10)::int + 1] + (ARRAY[0,2,4,6,8,1,3,5,7,9])[(prscrbr_npi / 10000000 % 10)::int + 1] + (ARRAY[0,2,4,6,8,1,3,5,7,9])[(prscrbr_npi / 100000 % 10)::int + 1] + (ARRAY[0,2,4,6,8,1,3,5,7,9])[(prscrbr_npi / 1000 % 10)::int + 1] + (ARRAY[0,2,4,6,8,1,3,5,7,9])[(prscrbr_npi / 10 % 10)::int + 1]
           + prscrbr_npi / 100000000 % 10 + prscrbr_npi / 1000000 % 10 + prscrbr_npi / 10000 % 10 + prscrbr_npi / 100 % 10 + prscrbr_npi / 1 % 10) % 10 = 0
    AND presc_specialty IS NOT NULL AND drug_brand_name IS NOT NULL AND drug IS NOT NULL
    AND tot_clms >= 0 AND tot_drug_cst >= 0
),
prescriber AS (
  SELECT year, prscrbr_npi,
         CASE nullif(btrim(regexp_replace(prscrbr_ent_cd, '[ \t\n\r\f\v]+', ' ', 'g')), '') WHEN 'I' THEN 'Individual' WHEN 'O' THEN 'Organization' ELSE 'Unknown' END AS presc_type
  FROM cms.prescriber
  WHERE prscrbr_npi BETWEEN 1000000000 AND 9999999999
      AND (24 + (ARRAY[0,2,4,6,8,1,3,5,7,9])[(prscrbr_npi / 1000000000 % 10)::int + 1] + (ARRAY[0,2,4,6,8,1,3,5,7,9])[(prscrbr_npi / 10000000 % 10)::int + 1] + (ARRAY[0,2,4,6,8,1,3,5,7,9])[(prscrbr_npi / 100000 % 10)::int + 1] + (ARRAY[0,2,4,6,8,1,3,5,7,9])[(prscrbr_npi / 1000 % 10)::int + 1] + (ARRAY[0,2,4,6,8,1,3,5,7,9])[(prscrbr_npi / 10 % 10)::int + 1]
           + prscrbr_npi / 100000000 % 10 + prscrbr_npi / 1000000 % 10 + prscrbr_npi / 10000 % 10 + prscrbr_npi / 100 % 10 + prscrbr_npi / 1 % 10) % 10 = 0
),
drug AS (
  SELECT year, drug_brand_name, drug,
         CASE WHEN bool_or(antibiotic) THEN 'Antibiotic' ELSE 'Non-antibiotic' END AS drug_type
  FROM (
    SELECT year, nullif(btrim(regexp_replace(brnd_name, '[ \t\n\r\f\v]+', ' ', 'g')), '') AS drug_brand_name, nullif(btrim(regexp_replace(gnrc_name, '[ \t\n\r\f\v]+', ' ', 'g')), '') AS drug,
           coalesce(nullif(btrim(regexp_replace(antbtc_drug_flag, '[ \t\n\r\f\v]+', ' ', 'g')), '') = 'Y', false) AS antibiotic
    FROM cms.drug) typed
  WHERE drug_brand_name IS NOT NULL AND drug IS NOT NULL
  GROUP BY year, drug_brand_name, drug
),
state AS (
  SELECT state_code, (array_agg(state_name ORDER BY id))[1] AS state_name, count(*) AS cities, sum(population) AS population
  FROM (
    SELECT id, nullif(btrim(regexp_replace(state_id, '[ \t\n\r\f\v]+', ' ', 'g')), '') AS state_code, nullif(btrim(regexp_replace(state_name, '[ \t\n\r\f\v]+', ' ', 'g')), '') AS state_name, population FROM cms.state) typed
  WHERE state_code IN (SELECT state_code FROM code)
  GROUP BY state_code
)
