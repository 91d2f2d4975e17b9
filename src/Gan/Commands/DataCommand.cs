using System.CommandLine;
using GanFromScratch.Gan.Data;
using GanFromScratch.Gan.Errors;
using GanFromScratch.Gan.Images;
using GanFromScratch.Gan.Options;
using GanFromScratch.Gan.Runs;
using GanFromScratch.Gan.Terminal;

namespace GanFromScratch.Gan.Commands;

/// <summary>`gan data`: the data sets, where they are, and how to get them; and what is in a folder of one's own.</summary>
internal sealed class DataCommand() : GanCommand<DataCommand.Request>(
    "data", "Lists the data sets: where they are, whether they are complete, how to get them")
{
    private const int PreviewRows = 8, PreviewColumns = 8;

    public override IReadOnlyList<(string Line, string Does)> Examples =>
    [
        ("gan data", "lists all data sets"),
        ("gan data mnist", "shows where MNIST is searched, and how to get it"),
        ("gan data ./pictures", "shows what is in a folder or a .zip, and whether it can be used"),
        ("gan data ./pictures --resolution 64 --preview seen.png", "draws some of the pictures as training would see them"),
        ("gan data ./pictures --pack pictures.npz", "writes the decoded pictures, to take them along: --dataset pictures.npz"),
    ];

    public override ExitCode Run(ParseResult given, Screen screen, Interruption interruption)
    {
        var asked = Read(given);
        RequireNew("--preview", asked.Preview, ImageWriter.Endings);
        RequireNew("--pack", asked.Pack, ".npz");
        if (asked.Name is null && (asked.Preview ?? asked.Pack) is not null)
            throw new GanException(ExitCode.Usage, "--preview and --pack need a data set: `gan data ./pictures --preview seen.png`.");
        var request = new DatasetRequest(asked.Name ?? "")
        {
            Cancel = interruption.Finish("stopping"),
            Pictures = asked.Pictures,
            SkipBadFiles = asked.SkipBadFiles,
            ListsAll = screen.IsVerbose,
            Reading = new ReadingLines(screen),
            Progress = new DownloadLines(screen),
        };
        if (asked.Name is { } name && !Datasets.Names.Contains(name) && Path.Exists(name))
        {
            Datasets.Check(name);
            var (description, images) = screen.During(() => PictureSurvey.Of(request));
            Say(screen, description);
            if (images is not null)
                Write(screen, asked, images);
            return images is null ? ExitCode.Data : ExitCode.Done;
        }
        bool first = true;
        foreach (var set in DatasetDescription.Of(request.SearchPath, asked.Name))
        {
            if (!first)
                screen.Say();
            first = false;
            Say(screen, set);
        }
        if ((asked.Preview ?? asked.Pack) is not null)
            Write(screen, asked, Datasets.Open(request).Images);
        return ExitCode.Done;
    }

    private static void Say(Screen screen, DatasetDescription set)
    {
        screen.Say($"{set.Name}: {set.Content}");
        screen.Say($"  state       {set.State}");
        if (set.Folder is not null)
            screen.Say($"  where       {set.Folder}");
        foreach (var (heading, text) in set.Details)
        {
            string[] lines = text.Split('\n');
            screen.Say($"  {heading,-12}{lines[0]}");
            foreach (string line in lines[1..])
                screen.Say($"              {line.TrimStart()}");
        }
        if (set.Searched.Count > 0)
            screen.Say($"  looked for  {string.Join(", then ", set.Searched)}");
        if (set.HowToGet.Length > 0)
            screen.Say($"  get it      {set.HowToGet}");
    }

    // pictures from everywhere in the set, so that each class is seen
    private static void Write(Screen screen, Request asked, ImageSet images)
    {
        if (asked.Preview is { } preview)
        {
            int count = Math.Min(images.Count, PreviewRows * PreviewColumns), length = images.Shape.Length;
            var some = new byte[count * length];
            for (int i = 0; i < count; i++)
                images.Bytes[(int)((long)i * images.Count / count)].CopyTo(some.AsSpan(i * length));
            var grid = ImageGrid.Compose(some, images.Shape, PreviewRows, PreviewColumns);
            ImageWriter.Write(preview, grid);
            screen.Say($"{preview} shows {Plural.Of(count, "picture")} as they are trained on.");
        }
        if (asked.Pack is { } pack)
        {
            new KeptSet(images, [], []).Write(pack);
            screen.Say($"{pack} holds the decoded pictures: --dataset {Invocation.Quoted(pack)} trains on them.");
        }
    }

    private static void RequireNew(string option, string? file, params IReadOnlyList<string> endings)
    {
        if (file is null)
            return;
        NewFile.RequireEnding(option, file, endings);
        NewFile.RequirePossible(file);
        NewFile.RequireFree(option, file);
    }

    /// <summary>The options and the argument.</summary>
    internal sealed record Request
    {
        [Argument("NAME", "The data set to describe, or a folder, .zip or .npz of pictures")]
        public string? Name { get; init; }

        [Options]
        public PictureRequest Pictures { get; init; } = new();

        [Option("--skip-bad-files", "Leaves unusable pictures out", Group = "Data")]
        public bool SkipBadFiles { get; init; }

        [Option("--preview", "A new file for a grid of the pictures, as they are trained on", Group = "Output", Value = "FILE.png")]
        public string? Preview { get; init; }

        [Option("--pack", "A new file for the decoded pictures, which --dataset takes", Group = "Output", Value = "FILE.npz")]
        public string? Pack { get; init; }
    }
}
