using System.CommandLine;
using GanFromScratch.Gan.Data;
using GanFromScratch.Gan.Errors;
using GanFromScratch.Gan.Recipes;
using GanFromScratch.Gan.Runs;
using GanFromScratch.Gan.Terminal;

namespace GanFromScratch.Gan.Commands;

/// <summary>`gan train`, and `gan` alone.</summary>
internal sealed class TrainCommand : GanCommand
{
    private readonly TrainOptions _options;

    /// <summary>The command with its own options.</summary>
    public TrainCommand(RecipeBook book, string name, string description)
        : base(name, description) => _options = new TrainOptions(book, Value, Flag);

    /// <summary>The command under its name: its options are those of `gan` alone.</summary>
    public TrainCommand(TrainCommand root)
        : base("train", "Trains a GAN and keeps what it shows in a run's folder; what `gan` alone does")
    {
        _options = root._options;
        foreach (var option in root.Options)
            Add(option);
    }

    public override IReadOnlyList<(string Line, string Does)> Examples =>
    [
        ("gan", "trains odog on MNIST, or on the built-in digits where that can't be had"),
        ("gan --epochs 5 --seed 7", "trains for five epochs, from another seed"),
        ("gan train --dataset digits --limit 1000 --steps 100", "a short run that needs no files"),
        ("gan train --data-dir ~/mnist --output first", "MNIST from a folder of your own, the run in ./first"),
        ("gan --recipe lornatang --dataset cifar10", "colour pictures, from CIFAR-10's files"),
        ("gan --recipe stable", "the best digits: a steadier loss on odog's networks"),
        ("gan --recipe hsu --loss hinge --spectral-norm", "another loss, and a bound on D's slope"),
        ("gan --dataset ./pictures --skip-bad-files", "a folder of PNG pictures, without those that can't be used"),
        ("gan train --dry-run", "says what would be trained"),
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

    /// <summary>Opens the pictures that a request asks for.</summary>
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
        screen.Say($"data    {data.Sentence}");
        foreach (string warning in data.Warnings)
            screen.Warn(warning);
        _ = Task.Run(() => data.Images.Sha256, CancellationToken.None); // the settings want it once the networks are made
        return data.Images;
    }
}
