using GanFromScratch.Autograd;
using GanFromScratch.Gan.Files;
using GanFromScratch.Gan.Models;
using GanFromScratch.Gan.Training;
using GanFromScratch.Kernels;
using GanFromScratch.Tensors;

namespace GanFromScratch.Gan.Runs;

/// <summary>The discriminator of a checkpoint.</summary>
internal static class DiscriminatorFile
{
    /// <summary>
    /// Returns the checkpoint that holds a run's newest discriminator: a file itself, if it is one. Null: there is none.
    /// </summary>
    public static string? Find(string run)
    {
        if (Directory.Exists(run))
            return new CheckpointFolder(RunFolder.CheckpointsOf(run)).Newest();
        return Checkpoint.Is(SafetensorsFile.Read(run)) ? run : null;
    }

    /// <summary>Reads it onto a device.</summary>
    /// <param name="path">The checkpoint.</param>
    /// <param name="generator">The generator of the same run.</param>
    /// <param name="device">The device.</param>
    /// <returns>Pictures, or packs of them, to logits; and how many pictures are judged together.</returns>
    /// <exception cref="Errors.GanException">Data: the file is damaged, or its network is another one.</exception>
    public static (Sequential Network, int Pack) Read(string path, SavedGenerator generator, Device device)
    {
        var checkpoint = Checkpoint.Read(path);
        var objective = FixedSettings.Of(checkpoint).ObjectiveOf(path);
        var (recipe, shape) = (generator.Recipe, generator.Shape);
        int pack = objective.Pack ?? 1;
        var random = objective.SpectralNorm == true ? new RandomStream(0, 0) : null;
        var make = new LayerFactory(device, recipe.Init, new RandomStream(0, 0), random) { Classes = generator.Classes };
        var network = recipe.Discriminator(make, shape with { Channels = shape.Channels * pack });
        network.VisitState(checkpoint, GanModel.DiscriminatorPrefix);
        return (network, pack);
    }
}
