SELECT year, state_code, drug_brand_name, drug, coalesce(drug_type, 'Unknown') AS drug_type,
       total_claims, total_cost, total_30day_fills, total_day_supply, prescribers
FROM (
  SELECT year, state_code, drug_brand_name, drug, sum(tot_clms) AS total_claims, sum(tot_drug_cst) AS total_cost,
         sum(tot_30day_fills) AS total_30day_fills, sum(tot_day_suply) AS total_day_supply, count(*) AS prescribers
  FROM prescriber_drug GROUP BY year, state_code, drug_brand_name, drug) c
LEFT JOIN drug USING (year, drug_brand_name, drug)
