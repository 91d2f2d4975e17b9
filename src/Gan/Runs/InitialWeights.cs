using GanFromScratch.Autograd;
using GanFromScratch.Gan.Errors;
using GanFromScratch.Gan.Models;
using GanFromScratch.Gan.Training;
using GanFromScratch.Tensors;

namespace GanFromScratch.Gan.Runs;

/// <summary>The weights of another run's networks, to start with: `--init-from`.</summary>
internal static class InitialWeights
{
    /// <summary>Copies both networks of a run's newest checkpoint into a run that hasn't started. Optimisers start anew.</summary>
    /// <param name="run">A run's folder, or a checkpoint.</param>
    /// <param name="trainer">The run that starts.</param>
    /// <exception cref="GanException">Data: there is no checkpoint that can be trusted. Usage: its networks are others.</exception>
    public static void Load(string run, Trainer trainer)
    {
        string path = run;
        if (!Path.Exists(run))
        {
            throw new GanException(
                ExitCode.Data, $"--init-from: there is no run '{run}'. Name a run's folder or a checkpoint, such as runs/0001-odog-mnist.");
        }
        if (Directory.Exists(run))
        {
            path = new CheckpointFolder(RunFolder.CheckpointsOf(run)).Newest() ?? throw new GanException(
                ExitCode.Data, $"--init-from {run} has no checkpoint. Name a run that has one, or a checkpoint.");
        }
        var from = Checkpoint.Read(path);
        var reader = new Reader(run, from, trainer);
        trainer.Model.VisitWeights(reader, from.HasAverage);
        reader.RequireAll();
        trainer.InitialWeights = from.ContentDigest;
        trainer.LeavesAverage = from.HasAverage && trainer.Model.Sampler == trainer.Model.Generator;
    }

    private sealed class Reader(string run, Checkpoint from, Trainer trainer) : IStateVisitor
    {
        private readonly HashSet<string> _visited = [];

        public void VisitTensor(string name, Tensor tensor)
        {
            _visited.Add(name);
            if (!from.Names.Contains(name))
                throw Other($"has no {name}");
            int[] there = from.ShapeOf(name), here = [.. Enumerable.Range(0, tensor.Shape.Rank).Select(axis => tensor.Shape[axis])];
            if (!there.SequenceEqual(here))
                throw Other($"has {name} of [{string.Join(", ", there)}], and this run needs [{string.Join(", ", here)}]");
            from.VisitTensor(name, tensor);
        }

        // a network with more than this one, or with other activations, is another one, too
        public void RequireAll()
        {
            string[] prefixes = [GanModel.GeneratorPrefix, GanModel.DiscriminatorPrefix];
            string? left = from.Names.Except(_visited)
                .FirstOrDefault(name => prefixes.Any(prefix => name.StartsWith(prefix, StringComparison.Ordinal)));
            if (left is not null)
                throw Other($"has {left}, which this run lacks");
            string layers = trainer.Model.Generator.Description;
            if (from.Text("layers") != layers)
                throw Other($"has a generator of `{from.Text("layers")}`, and this run one of `{layers}`");
        }

        public long VisitInt64(string name, long value) => value;

        public double VisitDouble(string name, double value) => value;

        private GanException Other(string difference)
        {
            string recipe = from.Text("recipe");
            bool wasConditional = from.Names.Any(name => name.StartsWith($"{GanModel.GeneratorPrefix}emb", StringComparison.Ordinal));
            bool isSame = recipe == trainer.Recipe.Name && wasConditional == trainer.Recipe.IsConditional;
            string form = wasConditional ? " --conditional" : trainer.Request.Conditional ? ", without --conditional" : "";
            string advice = isSame ? "" : $" Give --recipe {recipe}{form}, whose networks they are.";
            return new GanException(
                ExitCode.Usage,
                $"--init-from {run} {difference}.{advice} Networks go on as they are: with the recipe and the layers that they have, "
                + $"on pictures of {from.Text("picture")}.");
        }
    }
}
