using System.CommandLine;
using GanFromScratch.Gan.Errors;
using GanFromScratch.Gan.Recipes;
using GanFromScratch.Gan.Runs;
using GanFromScratch.Gan.Terminal;
using GanFromScratch.Tensors;

namespace GanFromScratch.Gan.Commands;

/// <summary>A command that draws with a run's generator: which one, where it computes, and the new files that it writes.</summary>
internal abstract class GeneratorCommand : GanCommand
{
    private readonly Argument<string> _run;
    private readonly Option<string> _device, _threads;

    protected GeneratorCommand(RecipeBook book, string name, string description)
        : base(name, description)
    {
        Book = book;
        _run = new Argument<string>("RUN")
        {
            Description = "The run's folder, or its generator.safetensors, or a checkpoint",
            Arity = ArgumentArity.ZeroOrOne,
        };
        Add(_run);
        _device = Value("--device", DeviceChoice.Kinds, "Where it computes; the cpu unless given");
        _threads = Value("--threads", "N", "Threads of the cpu; one a core unless given");
    }

    /// <summary>The recipes that are known.</summary>
    protected RecipeBook Book { get; }

    /// <summary>The device that is asked for.</summary>
    protected Device OpenDevice(ParseResult given, Screen screen)
    {
        var choice = DeviceChoice.Of(given.GetValue(_device) ?? "cpu", given.Whole(_threads, 1, DeviceChoice.MostThreads));
        choice.Warn(screen);
        return choice.Open();
    }

    /// <summary>What was given as RUN.</summary>
    /// <exception cref="GanException">Usage: nothing.</exception>
    protected string RunOf(ParseResult given) => given.GetValue(_run) ?? throw new GanException(
        ExitCode.Usage, $"`gan {Name}` needs a run: `gan {Name} runs/0001-odog-mnist`.");

    /// <summary>Refuses files that are there already, can't be there, or are one, before anything is done for them.</summary>
    /// <exception cref="GanException">Usage: one of them.</exception>
    protected static void RequireNew(params (Option Option, string? File)[] outputs)
    {
        var named = outputs.Where(output => output.File is not null).ToArray();
        foreach (var (_, file) in named)
            RequireNew(file!);
        foreach (var same in named.GroupBy(output => Path.GetFullPath(output.File!)).Where(group => group.Count() > 1))
            throw new GanException(ExitCode.Usage, $"{string.Join(" and ", same.Select(output => output.Option.Name))} both name {same.First().File}. Name two files.");
    }

    /// <summary>Refuses a folder that has something in it already.</summary>
    /// <exception cref="GanException">Usage: it has, or it can't be a folder.</exception>
    protected static void RequireEmpty(string folder)
    {
        if (!Directory.Exists(folder))
            RequireNew(folder);
        else if (!IsEmpty(folder))
            throw new GanException(ExitCode.Usage, $"{folder} isn't empty, and nothing is overwritten. Name a folder that is new or empty.");
    }

    private static bool IsEmpty(string folder)
    {
        try
        {
            return !Directory.EnumerateFileSystemEntries(folder).Any();
        }
        catch (Exception fault) when (fault is IOException or UnauthorizedAccessException)
        {
            throw new GanException(ExitCode.Usage, $"{folder} can't be read: {fault.Message.TrimEnd('.')}. Name another folder.", fault);
        }
    }

    private static void RequireNew(string file)
    {
        if (file.Length == 0)
            throw new GanException(ExitCode.Usage, "A file's name is empty. Name a new file.");
        if (Path.Exists(file))
            throw new GanException(ExitCode.Usage, $"{file} is there already, and nothing is overwritten. Name a new file.");
        string folder = Path.GetDirectoryName(Path.GetFullPath(file))!;
        if (!Directory.Exists(folder))
            throw new GanException(ExitCode.Usage, $"{file} can't be written: there is no folder {folder}. Make it first.");
    }
}
