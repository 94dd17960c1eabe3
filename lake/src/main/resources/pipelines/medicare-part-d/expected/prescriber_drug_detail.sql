SELECT year, state_code, prscrbr_npi AS presc_id, drug_brand_name, drug, presc_fullname, presc_specialty,
       coalesce(presc_type, 'Unknown') AS presc_type, coalesce(drug_type, 'Unknown') AS drug_type,
       total_claims, total_drug_cost
FROM (
  SELECT year, state_code, prscrbr_npi, drug_brand_name, drug,
         (array_agg(presc_fullname ORDER BY id DESC))[1] AS presc_fullname,
         (array_agg(presc_specialty ORDER BY id DESC))[1] AS presc_specialty,
         sum(tot_clms) AS total_claims, sum(tot_drug_cst) AS total_drug_cost
  FROM prescriber_drug GROUP BY year, state_code, prscrbr_npi, drug_brand_name, drug) c
LEFT JOIN prescriber USING (year, prscrbr_npi)
LEFT JOIN drug USING (year, drug_brand_name, drug)
