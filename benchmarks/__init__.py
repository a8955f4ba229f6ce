from pipeline.inference.no_reports import forbid_reports

forbid_reports()
