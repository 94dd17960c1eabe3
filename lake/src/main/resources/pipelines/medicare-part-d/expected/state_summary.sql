SELECT year, state_code, coalesce(state.state_name, code.state_name) AS state_name, prescribers, drugs,
       total_claims, total_cost, coalesce(cities, 0) AS cities, population
FROM (
  SELECT year, state_code, count(DISTINCT prscrbr_npi) AS prescribers,
         count(DISTINCT (drug_brand_name, drug)) AS drugs,
         sum(tot_clms) AS total_claims, sum(tot_drug_cst) AS total_cost
  FROM prescriber_drug GROUP BY year, state_code) c
LEFT JOIN state USING (state_code)
LEFT JOIN code USING (state_code)
