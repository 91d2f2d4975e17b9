using System.CommandLine;
using GanFromScratch.Gan.Data;
using GanFromScratch.Gan.Errors;
using GanFromScratch.Gan.Options;
using GanFromScratch.Gan.Terminal;

namespace GanFromScratch.Gan.Commands;

/// <summary>`gan data`: the data sets, where they are, and how to get them.</summary>
internal sealed class DataCommand() : GanCommand<DataCommand.Request>(
    "data", "Lists the data sets: where they are, whether they are complete, how to get them")
{
    public override IReadOnlyList<(string Line, string Does)> Examples =>
    [
        ("gan data", "lists all data sets"),
        ("gan data mnist", "shows where MNIST is searched, and how to get it"),
        ("gan data ./pictures", "shows whether the pictures of a folder can be used"),
    ];

    public override ExitCode Run(ParseResult given, Screen screen)
    {
        bool first = true;
        foreach (var set in DatasetDescription.Of(SearchPath.FromEnvironment(), Read(given).Name))
        {
            if (!first)
                screen.Say();
            first = false;
            screen.Say($"{set.Name}: {set.Content}");
            screen.Say($"  state       {set.State}");
            if (set.Folder is not null)
                screen.Say($"  where       {set.Folder}");
            if (set.Searched.Count > 0)
                screen.Say($"  looked for  {string.Join(", then ", set.Searched)}");
            screen.Say($"  get it      {set.HowToGet}");
        }
        return ExitCode.Done;
    }

    /// <summary>The argument.</summary>
    internal sealed record Request
    {
        [Argument("NAME", "The data set to describe, or a folder of pictures")]
        public string? Name { get; init; }
    }
}
