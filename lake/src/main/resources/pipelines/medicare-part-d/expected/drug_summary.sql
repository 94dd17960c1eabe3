SELECT year, drug_brand_name, drug, coalesce(drug_type, 'Unknown') AS drug_type, total_claims, total_cost
FROM (
  SELECT year, drug_brand_name, drug, sum(tot_clms) AS total_claims, sum(tot_drug_cst) AS total_cost
  FROM prescriber_drug GROUP BY year, drug_brand_name, drug) c
LEFT JOIN drug USING (year, drug_brand_name, drug)
