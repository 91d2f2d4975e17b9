return GanFromScratch.Gan.Commands.CommandLine.Run(args);
