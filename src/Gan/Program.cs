return GanFromScratch.Gan.CommandLine.Run(args);
