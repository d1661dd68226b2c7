"""What an auditor asks for: dossiers, samples, who held two roles, and exports checked again."""
