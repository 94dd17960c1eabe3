SELECT year, state_code, prscrbr_npi AS presc_id, presc_fullname, presc_specialty,
       coalesce(presc_type, 'Unknown') AS presc_type, coalesce(state.state_name, code.state_name) AS state_name,
       total_claims, total_drug_cost, drugs
FROM (
  SELECT year, state_code, prscrbr_npi, (array_agg(presc_fullname ORDER BY id DESC))[1] AS presc_fullname,
         (array_agg(presc_specialty ORDER BY id DESC))[1] AS presc_specialty,
         sum(tot_clms) AS total_claims, sum(tot_drug_cst) AS total_drug_cost, count(*) AS drugs
  FROM prescriber_drug GROUP BY year, state_code, prscrbr_npi) c
LEFT JOIN prescriber USING (year, prscrbr_npi)
LEFT JOIN state USING (state_code)
LEFT JOIN code USING (state_code)
