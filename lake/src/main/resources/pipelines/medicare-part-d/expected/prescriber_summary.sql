SELECT year, state_code, presc_specialty, coalesce(presc_type, 'Unknown') AS presc_type, count(*) AS prescribers
FROM (
  SELECT year, state_code, prscrbr_npi, (array_agg(presc_specialty ORDER BY id DESC))[1] AS presc_specialty
  FROM prescriber_drug GROUP BY year, state_code, prscrbr_npi) c
LEFT JOIN prescriber USING (year, prscrbr_npi)
GROUP BY year, state_code, presc_specialty, coalesce(presc_type, 'Unknown')
