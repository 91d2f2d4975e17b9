using System.CommandLine;
using GanFromScratch.Gan.Data;
using GanFromScratch.Gan.Errors;
using GanFromScratch.Gan.Recipes;
using GanFromScratch.Gan.Runs;
using GanFromScratch.Gan.Terminal;

namespace GanFromScratch.Gan.Commands;

/// <summary>`gan train`, and `gan` alone: trains a GAN.</summary>
internal sealed class TrainCommand : GanCommand
{
    private readonly TrainOptions _options;

    /// <summary>Makes the root command, with the options.</summary>
    public TrainCommand(RecipeBook book, string name, string description)
        : base(name, description) => _options = new TrainOptions(book, Value, Flag);

    /// <summary>Makes the command `train` with the options of the root command.</summary>
    public TrainCommand(TrainCommand root)
        : base("train", "Trains a GAN into a run's folder, like `gan` alone")
    {
        _options = root._options;
        foreach (var option in root.Options)
            Add(option);
    }

    public override IReadOnlyList<(string Line, string Does)> Examples =>
    [
        ("gan", "trains odog on MNIST, or on the built-in digits without it"),
        ("gan --epochs 5 --seed 7", "trains for five epochs, with another seed"),
        ("gan train --dataset digits --limit 1000 --steps 100", "a short run that needs no files"),
        ("gan train --data-dir ~/mnist --output first", "MNIST from a folder, into ./first"),
        ("gan --recipe lornatang --dataset cifar10", "colour pictures, from CIFAR-10"),
        ("gan --recipe stable", "the best digits: odog's networks with a relativistic loss"),
        ("gan --recipe hsu --loss hinge --spectral-norm", "another loss, and spectral normalisation"),
        ("gan --dataset ./pictures --skip-bad-files", "a folder of PNG pictures, without unusable ones"),
        ("gan train --dry-run", "shows what would be trained"),
    ];

    public override ExitCode Run(ParseResult given, Screen screen)
    {
        var request = _options.Read(given);
        RunFolder.Check(request.Output);
        request.Device.Warn(screen);
        if (request.DryRun)
        {
            DryRun.Say(screen, request);
            return ExitCode.Done;
        }
        using var interruption = new Interruption();
        return TrainingRun.Run(request, Open(request, screen, interruption.Token), screen, interruption.Token);
    }

    /// <summary>Opens the data set of a request.</summary>
    internal static ImageSet Open(TrainRequest request, Screen screen, CancellationToken cancel)
    {
        var data = screen.During(() => Datasets.Open(new DatasetRequest(request.Dataset)
        {
            DataDir = request.DataDir,
            Progress = new DownloadLines(screen),
            Cancel = cancel,
            SkipBadFiles = request.SkipBadFiles,
            DigitsCount = Math.Min(request.Limit ?? Digits.DefaultCount, Digits.DefaultCount),
            Threads = request.Device.HostThreads,
        }));
        screen.Say($"data    {data.Description}");
        foreach (string warning in data.Warnings)
            screen.Warn(warning);
        _ = Task.Run(() => data.Images.Sha256, CancellationToken.None); // computed ahead, for the settings
        return data.Images;
    }
}
