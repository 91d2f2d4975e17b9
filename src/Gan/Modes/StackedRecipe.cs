using GanFromScratch.Gan.Recipes;

namespace GanFromScratch.Gan.Modes;

/// <summary>`stable-conv` for pictures of stacked digits.</summary>
internal sealed class StackedRecipe : StableConv
{
    /// <summary>Makes the recipe.</summary>
    /// <param name="width">Channels after D's first stage, or null for the preset.</param>
    public StackedRecipe(int? width = null)
    {
        Name = "stacked";
        FewestChannels = width ?? FewestChannels;
        Summary = $"convolutional networks, from {FewestChannels} channels";
        Steps = 10_000;
    }
}
