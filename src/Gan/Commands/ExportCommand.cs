using System.CommandLine;
using GanFromScratch.Gan.Errors;
using GanFromScratch.Gan.Export;
using GanFromScratch.Gan.Files;
using GanFromScratch.Gan.Options;
using GanFromScratch.Gan.Recipes;
using GanFromScratch.Gan.Runs;
using GanFromScratch.Gan.Terminal;
using GanFromScratch.Tensors;

namespace GanFromScratch.Gan.Commands;

/// <summary>`gan export`: writes a run's networks for other programs.</summary>
internal sealed class ExportCommand(RecipeBook book)
    : GeneratorCommand<ExportCommand.Request>(book, "export", "Writes a run's networks for other programs: ONNX, a web page, PyTorch")
{
    private const string GeneratorOnnx = "generator.onnx", DiscriminatorOnnx = "discriminator.onnx", Page = "generator.html",
        Module = "generator.py";

    public override IReadOnlyList<(string Line, string Does)> Examples =>
    [
        ("gan export runs/0001-odog-mnist --html", "generator.html: one file that draws in any browser, without a network"),
        ("gan export runs/0001-odog-mnist --onnx", "generator.onnx and discriminator.onnx, for ONNX Runtime and others"),
        ("gan export runs/0001-odog-mnist --torch --output taken", "generator.py and its weights, in another folder"),
    ];

    /// <inheritdoc/>
    public override bool IsReadFor(ParseResult given) => false; // files are

    public override ExitCode Run(ParseResult given, Screen screen, Interruption interruption)
    {
        var asked = Read(given);
        string run = Required(asked.Run);
        if (asked is { Onnx: false, Html: false, Torch: false })
        {
            throw new GanException(
                ExitCode.Usage, "`gan export` needs to be told what to write. Give --onnx, --html or --torch, or some of them.");
        }
        string found = GeneratorFile.Find(run, screen);
        string? checkpoint = asked.Onnx ? DiscriminatorFile.Find(run) : null;
        string folder = asked.Output ?? (Directory.Exists(run) ? run : Path.GetDirectoryName(run) is { Length: > 0 } parent ? parent : ".");
        string PathOf(string name) => Path.Combine(folder, name);
        var names = new List<string>();
        if (asked.Onnx)
            names.Add(GeneratorOnnx);
        if (checkpoint is not null)
            names.Add(DiscriminatorOnnx);
        if (asked.Html)
            names.Add(Page);
        if (asked.Torch)
            names.Add(Module);
        // the module loads the weights beside it
        bool copiesWeights = asked.Torch && Path.GetFullPath(PathOf(RunFolder.GeneratorName)) != Path.GetFullPath(found);
        if (copiesWeights)
            names.Add(RunFolder.GeneratorName);
        foreach (string name in names)
            NewFile.RequireFree("--output", PathOf(name));
        NewFile.MakeFolder(folder);

        using var device = new CpuDevice(1);
        var generator = GeneratorFile.Read(Book, found, device);
        (Autograd.Sequential Network, int Pack)? discriminator =
            checkpoint is null ? null : DiscriminatorFile.Read(checkpoint, generator, device);
        if (asked.Onnx)
            Write(PathOf(GeneratorOnnx), OnnxModel.Of(generator));
        if (discriminator is var (network, pack))
            Write(PathOf(DiscriminatorOnnx), OnnxModel.Of(generator, network, pack));
        else if (asked.Onnx)
            screen.Say($"{run} has no checkpoint, so there is no discriminator to write.");
        if (asked.Html)
            AtomicFile.WriteText(PathOf(Page), GeneratorPage.Write(generator, device));
        if (asked.Torch)
            AtomicFile.WriteText(PathOf(Module), TorchModule.Write(generator, RunFolder.GeneratorName));
        if (copiesWeights)
        {
            var weights = new GeneratorExport();
            weights.Copy(generator.Recipe, generator.Shape, generator.Network, generator.ClassNames, GeneratorFile.StepOf(found));
            weights.Write(PathOf(RunFolder.GeneratorName));
        }
        foreach (string name in names)
            screen.Say(PathOf(name));
        return ExitCode.Done;
    }

    private static void Write(string path, ProtoMessage model) => AtomicFile.Write(path, stream => stream.Write(model.ToSpan()));

    /// <summary>The options and arguments.</summary>
    internal sealed record Request
    {
        [Argument("RUN", "A run's folder, its generator.safetensors, or a checkpoint")]
        public string? Run { get; init; }

        [Option("--onnx", "Writes generator.onnx and discriminator.onnx (operator set 17, any batch)")]
        public bool Onnx { get; init; }

        [Option("--html", "Writes generator.html, a page that draws pictures by itself")]
        public bool Html { get; init; }

        [Option("--torch", "Writes generator.py, whose class loads generator.safetensors in PyTorch")]
        public bool Torch { get; init; }

        [Option("--output", "The folder to write to; it is made if it isn't there", Value = "DIR", Default = "RUN, or that of the file")]
        public string? Output { get; init; }
    }
}
