return GanFromScratch.Gan.Commands.GanProgram.Run(args);
