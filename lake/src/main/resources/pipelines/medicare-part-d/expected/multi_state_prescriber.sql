SELECT year, presc_id, state_code, presc_fullname, presc_specialty, coalesce(presc_type, 'Unknown') AS presc_type,
       total_claims, total_drug_cost
FROM (
  SELECT year, state_code, prscrbr_npi AS presc_id, prscrbr_npi,
         (array_agg(presc_fullname ORDER BY id DESC))[1] AS presc_fullname,
         (array_agg(presc_specialty ORDER BY id DESC))[1] AS presc_specialty,
         sum(tot_clms) AS total_claims, sum(tot_drug_cst) AS total_drug_cost
  FROM prescriber_drug c
  WHERE EXISTS (SELECT 1 FROM prescriber_drug o
                WHERE o.year = c.year AND o.prscrbr_npi = c.prscrbr_npi AND o.state_code <> c.state_code)
  GROUP BY year, state_code, prscrbr_npi) c
LEFT JOIN prescriber USING (year, prscrbr_npi)
